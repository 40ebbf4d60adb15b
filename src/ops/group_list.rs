use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Effect, GroupView, OpError, Operation, SCHEMA};

/// Lists the groups of a session.
pub struct GroupList;

/// Nothing to say: the session is the call's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupListInput {}

/// Groups in the order of the file.
#[derive(Clone, Debug, Serialize)]
pub struct GroupsView {
    /// Version of this shape.
    pub schema: u32,
    /// The groups.
    pub groups: Vec<GroupView>,
    /// How many.
    pub total: usize,
}

impl Operation for GroupList {
    const NAME: &'static str = "group_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = GroupListInput;
    type Output = GroupsView;

    fn run(cx: &Context<'_>, _: GroupListInput) -> Result<GroupsView, OpError> {
        let session = cx.session()?;
        let rows = cx.workspace.index().groups(&session.directory)?;
        let groups: Vec<GroupView> = rows.iter().map(|row| GroupView::of(row, &session.identity)).collect();
        Ok(GroupsView { schema: SCHEMA, total: groups.len(), groups })
    }
}
