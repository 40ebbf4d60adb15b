use std::time::Duration;

use rmcp::model::{
    ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, InputResponses,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::text::ContentHash;

/// How long a person may take to answer.
const PATIENCE: Duration = Duration::from_secs(600);

/// What only the person at the client should decide: it destroys, or goes against the plan, and
/// the call did not say so itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// What the person reads.
    pub message: String,
    /// The argument that says the same as a "yes"; set to `true` when the person agrees.
    pub argument: &'static str,
}

/// How a question went.
pub(super) enum Answer {
    /// Do it.
    Yes,
    /// The person does not want it.
    No,
    /// The client cannot ask: what the call says itself is all there is.
    Unasked,
    /// Ask, and call again with the answer.
    Ask(InputRequiredResult),
}

impl Question {
    /// Names this question among the answers of a client: the answer to another question (the plan
    /// has changed meanwhile) is no answer to this one.
    fn key(&self) -> String {
        let hash = ContentHash::of(format!("{}\n{}", self.argument, self.message).as_bytes()).hex();
        format!("confirm-{}", hash.get(..12).unwrap_or(&hash))
    }

    fn form(&self) -> Result<ElicitRequestParams, ErrorData> {
        let schema = json!({
            "type": "object",
            "properties": { "confirm": { "type": "boolean", "title": "Yes, do it" } },
            "required": ["confirm"],
        });
        let schema = schema.as_object().cloned().unwrap_or_default();
        let requested_schema = ElicitationSchema::from_json_schema(schema)
            .map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
        Ok(ElicitRequestParams::FormElicitationParams {
            meta: None,
            message: self.message.clone(),
            requested_schema,
        })
    }

    /// Asks the person, in the way of the client's protocol; `answers` came with the call.
    pub(super) async fn ask(
        &self,
        context: &RequestContext<RoleServer>,
        answers: Option<&InputResponses>,
        shutdown: &CancellationToken,
    ) -> Result<Answer, ErrorData> {
        if !shows_forms(context.client_capabilities().as_ref()) {
            return Ok(Answer::Unasked);
        }
        if context.protocol_version().is_some_and(|v| v.has_initialize()) {
            let asked = context.peer.create_elicitation(self.form()?);
            return Ok(tokio::select! {
                // Nobody is asked who has gone already.
                biased;
                () = shutdown.cancelled() => Answer::Unasked,
                () = context.ct.cancelled() => Answer::Unasked,
                () = tokio::time::sleep(PATIENCE) => Answer::Unasked,
                result = asked => result.map_or(Answer::Unasked, |r| decided(&r)),
            });
        }
        let key = self.key();
        let given = answers.and_then(|a| a.get(&key));
        if let Some(result) = given.and_then(|v| serde_json::from_value::<ElicitResult>(v.clone()).ok()) {
            return Ok(decided(&result));
        }
        let mut requests = InputRequests::new();
        requests.insert(key, InputRequest::Elicitation(ElicitRequest::new(self.form()?)));
        Ok(Answer::Ask(InputRequiredResult::from_input_requests(requests)))
    }
}

/// A client that names no kind of form knows the only one that there was at first.
fn shows_forms(capabilities: Option<&ClientCapabilities>) -> bool {
    capabilities.and_then(|c| c.elicitation.as_ref()).is_some_and(|e| e.form.is_some() || e.url.is_none())
}

fn decided(result: &ElicitResult) -> Answer {
    let ticked = result.content.as_ref().and_then(|c| c.get("confirm")).and_then(Value::as_bool);
    if result.action == ElicitationAction::Accept && ticked == Some(true) { Answer::Yes } else { Answer::No }
}
