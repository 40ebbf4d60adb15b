//! What the suite expects behind its names, as the JSON of the protocol.

use rmcp::model::JsonObject;
use serde_json::{Value, json};

/// One grey pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";

/// No sound at all.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

const TOOLS: &[&str] = &[
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_progress",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_reconnection",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_missing_capability",
    "test_streaming_elicitation",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_tampered_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_capabilities",
];

/// The tools as they are listed.
pub(super) fn tools() -> Value {
    let tool =
        |name: &str, schema: Value| json!({ "name": name, "description": "Fixture", "inputSchema": schema });
    let text = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    let mut all: Vec<Value> =
        TOOLS.iter().map(|name| tool(name, json!({ "type": "object", "properties": {} }))).collect();
    all.push(tool("test_sampling", text("prompt")));
    all.push(tool("test_elicitation", text("message")));
    all.into()
}

/// The result of a tool that only answers.
pub(super) fn result(tool: &str) -> Option<Value> {
    let text = |text: &str| json!({ "type": "text", "text": text });
    let image = json!({ "type": "image", "data": PNG, "mimeType": "image/png" });
    let resource = |uri: &str, mime: &str, text: &str| json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime, "text": text } });
    let content = match tool {
        "test_simple_text" => json!([text("This is a simple text response for testing.")]),
        "test_reconnection" => json!([text("The stream was not closed.")]),
        "test_image_content" => json!([image]),
        "test_audio_content" => json!([{ "type": "audio", "data": WAV, "mimeType": "audio/wav" }]),
        "test_embedded_resource" => {
            let words = "This is an embedded resource content.";
            json!([resource("test://embedded-resource", "text/plain", words)])
        }
        "test_multiple_content_types" => json!([
            text("Multiple content types test:"),
            image,
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ]),
        "test_error_handling" => json!([text("This tool intentionally returns an error for testing")]),
        _ => return None,
    };
    Some(json!({ "content": content, "isError": tool == "test_error_handling" }))
}

/// What a tool asks the user to fill in.
pub(super) fn form(tool: &str) -> Option<Value> {
    let titled = |word: &str, value: &str| json!({ "const": value, "title": word });
    let (properties, required) = match tool {
        "test_elicitation" => (
            json!({
                "username": { "type": "string", "description": "User's response" },
                "email": { "type": "string", "description": "User's email address" },
            }),
            json!(["username", "email"]),
        ),
        "test_elicitation_sep1034_defaults" => (
            json!({
                "name": { "type": "string", "default": "John Doe" },
                "age": { "type": "integer", "default": 30 },
                "score": { "type": "number", "default": 95.5 },
                "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
                "verified": { "type": "boolean", "default": true },
            }),
            json!([]),
        ),
        "test_elicitation_sep1330_enums" => {
            let options = json!(["option1", "option2", "option3"]);
            (
                json!({
                    "untitledSingle": { "type": "string", "enum": options },
                    "titledSingle": { "type": "string", "oneOf": [
                        titled("First Option", "value1"),
                        titled("Second Option", "value2"),
                        titled("Third Option", "value3"),
                    ] },
                    "legacyEnum": {
                        "type": "string",
                        "enum": ["opt1", "opt2", "opt3"],
                        "enumNames": ["Option One", "Option Two", "Option Three"],
                    },
                    "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
                    "titledMulti": { "type": "array", "items": { "anyOf": [
                        titled("First Choice", "value1"),
                        titled("Second Choice", "value2"),
                        titled("Third Choice", "value3"),
                    ] } },
                }),
                json!([]),
            )
        }
        _ => return None,
    };
    Some(json!({ "type": "object", "properties": properties, "required": required }))
}

/// A request to the client's model.
pub(super) fn sampling(prompt: &Value) -> Value {
    json!({ "method": "sampling/createMessage", "params": {
        "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
        "maxTokens": 100,
    } })
}

/// The resources as they are listed.
pub(super) fn resources() -> Value {
    json!([
        { "uri": "test://static-text", "name": "static-text", "mimeType": "text/plain" },
        { "uri": "test://static-binary", "name": "static-binary", "mimeType": "image/png" },
    ])
}

/// The templates as they are listed.
pub(super) fn templates() -> Value {
    json!([{ "uriTemplate": "test://template/{id}/data", "name": "template", "mimeType": "application/json" }])
}

/// What stands at an address.
pub(super) fn contents(uri: &str) -> Option<Value> {
    match uri {
        "test://static-text" => Some(json!({
            "uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource.",
        })),
        "test://static-binary" => Some(json!({ "uri": uri, "mimeType": "image/png", "blob": PNG })),
        _ => {
            let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            Some(json!({ "uri": uri, "mimeType": "application/json", "text": data.to_string() }))
        }
    }
}

/// The prompts as they are listed.
pub(super) fn prompts() -> Value {
    let argument = |name: &str| json!({ "name": name, "description": "Fixture", "required": true });
    json!([
        { "name": "test_simple_prompt", "description": "Fixture" },
        { "name": "test_prompt_with_arguments", "description": "Fixture",
          "arguments": [argument("arg1"), argument("arg2")] },
        { "name": "test_prompt_with_embedded_resource", "description": "Fixture",
          "arguments": [argument("resourceUri")] },
        { "name": "test_prompt_with_image", "description": "Fixture" },
        { "name": "test_input_required_result_prompt", "description": "Fixture" },
    ])
}

/// A prompt of one sentence.
pub(super) fn said(text: &str) -> Value {
    json!({ "messages": [user(json!({ "type": "text", "text": text }))] })
}

fn user(content: Value) -> Value {
    json!({ "role": "user", "content": content })
}

/// A prompt that only answers.
pub(super) fn prompt(name: &str, arguments: &JsonObject) -> Option<Value> {
    let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let and_text = |content: Value, text: &str| json!({ "messages": [user(content), user(json!({ "type": "text", "text": text }))] });
    Some(match name {
        "test_simple_prompt" => said("This is a simple prompt for testing."),
        "test_prompt_with_arguments" => {
            said(&format!("Prompt with arguments: arg1='{}', arg2='{}'", argument("arg1"), argument("arg2")))
        }
        "test_prompt_with_embedded_resource" => and_text(
            json!({ "type": "resource", "resource": {
                "uri": argument("resourceUri"),
                "mimeType": "text/plain",
                "text": "Embedded resource content for testing.",
            } }),
            "Please process the embedded resource above.",
        ),
        "test_prompt_with_image" => and_text(
            json!({ "type": "image", "data": PNG, "mimeType": "image/png" }),
            "Please analyze the image above.",
        ),
        _ => return None,
    })
}
