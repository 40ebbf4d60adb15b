use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mode_view::{ModeView, bound};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Lists the modes that a session can work by.
pub struct ModeList;

/// Which of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeListInput {
    /// Leave out modes that are broken
    pub usable: bool,
}

/// Modes by name.
#[derive(Clone, Debug, Serialize)]
pub struct ModesView {
    /// Version of this shape.
    pub schema: u32,
    /// The modes.
    pub modes: Vec<ModeView>,
    /// How many.
    pub total: usize,
    /// The session's id, where there is one.
    pub session: Option<String>,
    /// The mode the session works by.
    pub current: Option<String>,
    /// Why that is another one than it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

impl Operation for ModeList {
    const NAME: &'static str = "mode_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = ModeListInput;
    type Output = ModesView;

    fn run(cx: &Context<'_>, input: ModeListInput) -> Result<ModesView, OpError> {
        let bound = bound(cx)?;
        let current = bound.as_ref().map(|b| b.used.file.name.clone());
        let mut modes = Vec::new();
        for file in cx.workspace.mode_files()? {
            let read = cx.workspace.read_mode(&file);
            if !input.usable || read.is_usable() {
                let is_current = current.as_deref() == Some(file.name.as_str());
                modes.push(ModeView::of(cx, &read, is_current));
            }
        }
        let session = bound.as_ref().and_then(|_| cx.session().ok()).map(|row| row.identity);
        let fallback = bound.and_then(|b| b.fallback);
        Ok(ModesView { schema: SCHEMA, total: modes.len(), modes, session, current, fallback })
    }
}
