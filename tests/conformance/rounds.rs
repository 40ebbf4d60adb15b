//! Calls that end only when the client has answered questions: what is asked, round by round.

use std::sync::LazyLock;
use std::time::Duration;

use rmcp::ErrorData;
use rmcp::model::{
    ClientCapabilities, InputRequests, InputRequiredResult, InputResponses, RequestStateCodec, SealOptions,
};
use serde_json::{Map, Value, json};

use super::{Cx, fixtures, read};

/// What a fixture asks: each round an object of requests.
pub(super) struct Rounds {
    rounds: Vec<Value>,
    /// Whether the client carries a state from round to round.
    state: bool,
}

/// Any key will do: it lives as long as this process.
static CODEC: LazyLock<RequestStateCodec> = LazyLock::new(|| {
    RequestStateCodec::try_new(uuid::Uuid::now_v7().to_string().into_bytes()).expect("a long key")
});

fn question(message: &str, member: &str, kind: &str) -> Value {
    json!({ "method": "elicitation/create", "params": {
        "mode": "form",
        "message": message,
        "requestedSchema": {
            "type": "object", "properties": { member: { "type": kind } }, "required": [member],
        },
    } })
}

/// The rounds of a tool or prompt.
pub(super) fn of(name: &str) -> Option<Rounds> {
    let name_of = || json!({ "user_name": question("What is your name?", "name", "string") });
    let roots = json!({ "method": "roots/list", "params": {} });
    let confirm = json!({ "confirm": question("Please confirm", "ok", "boolean") });
    let (rounds, state) = match name.strip_prefix("test_input_required_result_").unwrap_or(name) {
        "elicitation" | "test_streaming_elicitation" => (vec![name_of()], false),
        "sampling" => {
            let asked = fixtures::sampling(&"What is the capital of France?".into());
            (vec![json!({ "capital_question": asked })], false)
        }
        "list_roots" => (vec![json!({ "client_roots": roots })], false),
        "request_state" | "tampered_state" => (vec![confirm], true),
        "multiple_inputs" | "capabilities" => {
            let mut all = name_of();
            all["greeting"] = fixtures::sampling(&"Generate a greeting".into());
            all["client_roots"] = roots;
            (vec![all], name.ends_with("inputs"))
        }
        "multi_round" => (
            vec![
                json!({ "step1": question("Step 1: What is your name?", "name", "string") }),
                json!({ "step2": question("Step 2: What is your favorite color?", "color", "string") }),
            ],
            true,
        ),
        "prompt" => (
            vec![
                json!({ "user_context": question("What context should the prompt use?", "context", "string") }),
            ],
            false,
        ),
        _ => return None,
    };
    Some(Rounds { rounds, state })
}

/// Goes one round on: what to ask next (`Err`), or what the answers come to (`Ok`).
pub(super) fn step(
    name: &str,
    rounds: &Rounds,
    cx: &Cx,
    answers: InputResponses,
    state: Option<String>,
) -> Result<Result<String, InputRequiredResult>, ErrorData> {
    let at: usize = match state {
        Some(sealed) => CODEC
            .open_json_with(&sealed, name.as_bytes())
            .map_err(|e| ErrorData::invalid_params(format!("the request state is not ours: {e}"), None))?,
        None => 0,
    };
    let wanted = wanted(rounds, at, cx);
    if wanted.is_empty() || !wanted.keys().all(|key| answers.get(key).is_some_and(Value::is_object)) {
        return Ok(Err(ask(name, rounds, at, wanted)?));
    }
    if at + 1 < rounds.rounds.len() {
        return Ok(Err(ask(name, rounds, at + 1, self::wanted(rounds, at + 1, cx))?));
    }
    if let Some(name) = answers.get("user_name").and_then(|a| a["content"]["name"].as_str()) {
        return Ok(Ok(format!("Hello, {name}!")));
    }
    Ok(Ok(format!("state-ok {}", json!(answers))))
}

/// The questions of a round, without those the client has not said that it can answer.
fn wanted(rounds: &Rounds, at: usize, cx: &Cx) -> Map<String, Value> {
    let can = serde_json::to_value(cx.client_capabilities()).unwrap_or_default();
    let declared = |request: &Value| match request["method"].as_str() {
        Some("elicitation/create") => !can["elicitation"].is_null(),
        Some("sampling/createMessage") => !can["sampling"].is_null(),
        _ => !can["roots"].is_null(),
    };
    let all = rounds.rounds.get(at).and_then(Value::as_object).cloned().unwrap_or_default();
    all.into_iter().filter(|(_, request)| declared(request)).collect()
}

fn ask(
    name: &str,
    rounds: &Rounds,
    at: usize,
    wanted: Map<String, Value>,
) -> Result<InputRequiredResult, ErrorData> {
    let options = SealOptions::new().associated_data(name.as_bytes()).ttl(Duration::from_secs(600));
    let sealed = CODEC.seal_json_with(&at, &options);
    let sealed = sealed.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
    let requests: InputRequests = read(Value::Object(wanted))?;
    Ok(InputRequiredResult::new(Some(requests), rounds.state.then_some(sealed)))
}

/// Refuses a client that has not said that it has a model to ask.
pub(super) fn need_sampling(cx: &Cx) -> Result<(), ErrorData> {
    if cx.client_capabilities().is_some_and(|c| c.sampling.is_some()) {
        return Ok(());
    }
    let needed = ClientCapabilities::builder().enable_sampling().build();
    Err(ErrorData::missing_required_client_capability(needed))
}
