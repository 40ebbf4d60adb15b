use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Context, ErrorCode, OpError};

/// What an operation does to the plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Looks only.
    Reads,
    /// Brings to rest what others did, or what is derived; the same again changes nothing more.
    Settles,
    /// Changes files; can be undone.
    Writes,
    /// Removes text that a person wrote.
    Destroys,
}

/// One thing a user can ask for. CLI and MCP only decode its input and encode its output.
pub trait Operation {
    /// Stable `snake_case` name.
    const NAME: &'static str;
    /// What it does to the plan.
    const EFFECT: Effect;
    /// The public contract of the request; unknown keys are refused.
    type Input: DeserializeOwned + JsonSchema;
    /// The public contract of the answer.
    type Output: Serialize;

    /// Does it.
    ///
    /// # Errors
    /// [`OpError`]; then nothing was changed, unless its code is `indeterminate`.
    fn run(cx: &Context<'_>, input: Self::Input) -> Result<Self::Output, OpError>;
}

/// An operation without its types, as the registry lists it.
#[derive(Clone, Copy)]
pub struct AnyOperation {
    /// Its name.
    pub name: &'static str,
    /// What it does to the plan.
    pub effect: Effect,
    /// The JSON Schema of its input.
    pub schema: fn() -> Value,
    /// Runs it on JSON.
    pub call: fn(&Context<'_>, Value) -> Result<Value, OpError>,
}

impl AnyOperation {
    /// Forgets the types of `O`.
    #[must_use]
    pub const fn of<O: Operation>() -> Self {
        Self { name: O::NAME, effect: O::EFFECT, schema: schema::<O::Input>, call: call::<O> }
    }
}

fn schema<I: JsonSchema>() -> Value {
    schemars::schema_for!(I).to_value()
}

fn call<O: Operation>(cx: &Context<'_>, input: Value) -> Result<Value, OpError> {
    let input = serde_json::from_value(input).map_err(|e| {
        OpError::new(ErrorCode::InvalidInput, format!("the arguments of `{}` do not fit: {e}", O::NAME))
            .hint("look at the input schema")
    })?;
    let output = O::run(cx, input)?;
    serde_json::to_value(output)
        .map_err(|e| OpError::new(ErrorCode::Internal, e.to_string()).hint("please report it"))
}

/// Whether a count is left out of JSON.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
pub(super) fn is_zero(n: &usize) -> bool {
    *n == 0
}
