//! The production server with the tools, prompts and resources that the protocol's official suite
//! calls by name. Everything else is what `plandown mcp --http` runs: transport, guards, sessions,
//! lists, completion, subscriptions. Run by `tests/conformance.sh`, never shipped.
//!
//! Usage: conformance DIRECTORY (a workspace); prints the address it serves.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for tests: what is off ends it"
)]
#![expect(deprecated, reason = "the older revision requires what the newer has given up")]

mod fixtures;
mod rounds;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plandown::env::SystemEnv;
use plandown::mcp::{Door, Http, Profile, Server, serve_http_as};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult,
    ContentBlock, GetPromptRequestParams, GetPromptResponse, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, LoggingLevel, LoggingMessageNotificationParam,
    PaginatedRequestParams, ProgressNotificationParam, ReadResourceRequestParams, ReadResourceResponse,
    ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
    UnsubscribeRequestParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};

fn main() {
    let root = PathBuf::from(std::env::args_os().nth(1).expect("a directory"));
    let door = Door::new(Arc::new(SystemEnv::read()), Some(root), None, Some(Profile::Full));
    let http = Http { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), token: None };
    serve_http_as(door, &http, Mounted, |url| println!("{url}")).expect("it serves");
}

/// The server with the fixtures in front of it.
struct Mounted(Server);

type Cx = RequestContext<RoleServer>;

/// A result out of its JSON, complete: what is still open is asked in rounds.
fn complete<T: serde::de::DeserializeOwned>(mut value: Value) -> Result<T, ErrorData> {
    value["resultType"] = "complete".into();
    read(value)
}

/// A value of the protocol out of its JSON.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|e| ErrorData::internal_error(e.to_string(), None))
}

fn text(text: impl Into<String>) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(text)]).into()
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

async fn progress(cx: &Cx) -> CallToolResponse {
    for value in [0.0, 50.0, 100.0] {
        if let Some(token) = cx.meta.get_progress_token() {
            let sign = ProgressNotificationParam::new(token, value).with_total(100.0);
            let _ = cx.peer.notify_progress(sign).await;
        }
        pause().await;
    }
    text("done")
}

/// Messages for the client's log, where it wants any. Deprecated in the newer revision.
async fn log(cx: &Cx) -> CallToolResponse {
    let old = cx.protocol_version().is_some_and(|v| v.has_initialize());
    for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
        if old || cx.meta.log_level().is_some() {
            let line = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
            let _ = cx.peer.notify_logging_message(line).await;
        }
        pause().await;
    }
    text("done")
}

/// A question of the older revision: a request to the client while its own call waits.
async fn elicit(cx: &Cx, params: Value, word: &str) -> Result<CallToolResponse, ErrorData> {
    let answer = cx.peer.create_elicitation(read(params)?).await;
    let answer = answer.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
    let action = serde_json::to_value(&answer.action).unwrap_or_default();
    let content = answer.content.unwrap_or_default();
    Ok(text(format!("{word}: action={}, content={content}", action.as_str().unwrap_or_default())))
}

async fn sample(cx: &Cx, prompt: &Value) -> Result<CallToolResponse, ErrorData> {
    let answer = cx.peer.create_message(read(fixtures::sampling(prompt)["params"].clone())?).await;
    let answer = answer.map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
    Ok(text(format!("LLM response: {}", serde_json::to_value(&answer).unwrap_or_default())))
}

impl ServerHandler for Mounted {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.0.get_info();
        info.capabilities.logging = Some(serde_json::Map::default());
        info
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: Cx) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Cx,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.0.list_tools(request, cx).await?;
        listed.tools.extend(read::<Vec<_>>(fixtures::tools())?);
        Ok(listed)
    }

    async fn call_tool(&self, request: CallToolRequestParams, cx: Cx) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.clone();
        let argument = |name: &str| request.arguments.as_ref().and_then(|a| a.get(name)).cloned();
        if let Some(result) = fixtures::result(&name) {
            return Ok(complete::<CallToolResult>(result)?.into());
        }
        if let Some(schema) = fixtures::form(&name) {
            let message = argument("message").unwrap_or_else(|| "Please fill this in".into());
            let word = if name == "test_elicitation" { "User response" } else { "Elicitation completed" };
            let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
            return elicit(&cx, params, word).await;
        }
        match &*name {
            "test_tool_with_progress" => Ok(progress(&cx).await),
            "test_tool_with_logging" | "test_logging_tool" => Ok(log(&cx).await),
            "test_sampling" => sample(&cx, &argument("prompt").unwrap_or_default()).await,
            "test_missing_capability" => rounds::need_sampling(&cx).map(|()| text("it was declared")),
            _ => match rounds::of(&name) {
                Some(rounds) => {
                    let (answers, state) = (request.input_responses, request.request_state);
                    let step = rounds::step(&name, &rounds, &cx, answers.unwrap_or_default(), state)?;
                    Ok(step.map_or_else(Into::into, text))
                }
                None => self.0.call_tool(request, cx).await,
            },
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Cx,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut listed = self.0.list_resources(request, cx).await?;
        listed.resources.extend(read::<Vec<_>>(fixtures::resources())?);
        Ok(listed)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Cx,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut listed = self.0.list_resource_templates(request, cx).await?;
        listed.resource_templates.extend(read::<Vec<_>>(fixtures::templates())?);
        Ok(listed)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: Cx,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match fixtures::contents(&request.uri) {
            Some(contents) => {
                let contents = json!({ "contents": [contents], "ttlMs": 0, "cacheScope": "private" });
                Ok(complete::<rmcp::model::ReadResourceResult>(contents)?.into())
            }
            None => self.0.read_resource(request, cx).await,
        }
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: Cx,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut listed = self.0.list_prompts(request, cx).await?;
        listed.prompts.extend(read::<Vec<_>>(fixtures::prompts())?);
        Ok(listed)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: Cx,
    ) -> Result<GetPromptResponse, ErrorData> {
        let written = |value: Value| Ok(complete::<rmcp::model::GetPromptResult>(value)?.into());
        if let Some(rounds) = rounds::of(&request.name) {
            let answers = request.input_responses.unwrap_or_default();
            let step = rounds::step(&request.name, &rounds, &cx, answers, request.request_state)?;
            return match step {
                Ok(said) => written(fixtures::said(&said)),
                Err(asked) => Ok(asked.into()),
            };
        }
        match fixtures::prompt(&request.name, &request.arguments.clone().unwrap_or_default()) {
            Some(prompt) => written(prompt),
            None => self.0.get_prompt(request, cx).await,
        }
    }

    async fn complete(&self, request: CompleteRequestParams, cx: Cx) -> Result<CompleteResult, ErrorData> {
        self.0.complete(request, cx).await
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.0.accepted_subscription_filter(requested)
    }

    async fn listen(&self, cx: SubscriptionContext) -> Result<(), ErrorData> {
        self.0.listen(cx).await
    }

    async fn subscribe(&self, request: SubscribeRequestParams, cx: Cx) -> Result<(), ErrorData> {
        self.0.subscribe(request, cx).await
    }

    async fn unsubscribe(&self, request: UnsubscribeRequestParams, cx: Cx) -> Result<(), ErrorData> {
        self.0.unsubscribe(request, cx).await
    }
}
