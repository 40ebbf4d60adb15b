//! YAML text turned into typed values with findings: settings, modes and their roles, task
//! templates; and the files that ship with the program.
//!
//! Opens no file and knows no workspace: texts come in, values and new texts go out. Reading is
//! total; what cannot be understood has a finding with a place, and a default. YAML is never
//! printed back over a person's file: a change to it is a splice that is read again and compared.
//! No text can cost more than its size: a guard stands before the YAML library.

mod artifacts;
mod binding;
mod expand;
mod json5;
mod mode;
mod mode_check;
mod mode_new;
mod pattern;
mod places;
mod registry;
mod routing;
mod settings;
mod settings_edit;
mod shipped;
mod task_template;
mod template_family;
mod template_read;
mod yaml;

pub use artifacts::{ArtifactNote, read_artifacts};
pub use binding::{HistoryEntry, ModeBinding, append_history, read_history};
pub use expand::{ExpandError, Params, expand};
pub use mode::{Mode, ModeConfiguration, ModeMetadata, Role, RoutingRule, ValidationRules};
pub use mode_new::{NewMode, NewRole};
pub use pattern::Pattern;
pub use registry::{SETTINGS, Setting, SettingKind, SettingSpec};
pub use routing::{COMPLEXITIES, Route, boosted};
pub use settings::{Level, SettingRow, SettingValue, Settings};
pub use settings_edit::SetError;
pub use shipped::{
    DEFAULT_MODE, SHIPPED_MODES, SHIPPED_TASK_TEMPLATES, ShippedFile, is_mode_file_name, mode_for_project,
    shipped_mode, shipped_task_template,
};
pub use task_template::{ParamKind, ParamValue, Parameter, Template, TemplateTask};
pub use template_family::{FamilyError, resolve};
