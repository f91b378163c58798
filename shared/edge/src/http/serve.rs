//! Serves HTTP invocations, one after the other.

use super::{Call, GatewayEvent, Reply, gateway_reply};
use crate::{Error, clock::Stopwatch, problem::Problem};
use ::http::{Method, StatusCode};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::lambda_runtime::{LambdaEvent, Runtime, service_fn};
use std::{convert::Infallible, sync::Arc};
use tracing::Instrument;

/// Answers every call of this function's routes until the instance ends.
///
/// # Errors
/// When Lambda's runtime interface is away.
pub async fn serve<H: AsyncFn(Call) -> Result<Reply, Problem>>(handler: H) -> Result<(), Error> {
    let handler = Arc::new(handler);
    let service = service_fn(move |event: LambdaEvent<GatewayEvent>| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(answer(&*handler, event.payload, &event.context.request_id).await) }
    });
    Runtime::new(service).run().await
}

/// Answers one call, whatever happens to it, and logs one line about it: neither query nor body, since both are the
/// caller's.
pub(crate) async fn answer<H: AsyncFn(Call) -> Result<Reply, Problem>>(
    handler: &H,
    event: GatewayEvent,
    invocation: &str,
) -> ApiGatewayV2httpResponse {
    let request_id = event.request_id().unwrap_or(invocation).to_owned();
    let span = tracing::info_span!("request", request_id, invocation);
    async {
        let watch = Stopwatch::start();
        let (method, route, answer) = match event.into_call(invocation) {
            Ok(call) => {
                let (method, route) = (call.method.clone(), call.route.clone());
                // The handler's future is the largest by far; the heap keeps it out of every future around it.
                (method, route, Box::pin(handler(call)).await)
            }
            Err(problem) => (Method::GET, String::new(), Err(problem)),
        };
        let reply = answer.unwrap_or_else(|problem| {
            log_problem(&problem);
            problem.render(&request_id)
        });
        tracing::info!(method = method.as_str(), route, status = reply.status.as_u16(), ms = watch.millis(), "request");
        gateway_reply(reply, method == Method::HEAD)
    }
    .instrument(span)
    .await
}

/// Our failures are errors; a caller's are news, and only where they have a private half.
pub(crate) fn log_problem(problem: &Problem) {
    let cause = problem.private_half();
    if problem.status() >= StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(kind = problem.kind(), cause, "failed");
    } else if let Some(cause) = cause {
        tracing::info!(kind = problem.kind(), rule = problem.rule(), cause, "refused");
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
