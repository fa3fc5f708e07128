//! Calls with reqwest, of a server that fails.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use andon_sdk::resilience::{
    Breaker, BreakerState, CallError, CallPolicy, SendError, parse_retry_after, resilient_send,
};
use reqwest::{Client, Method};

use crate::support::server::{Reply, Server};
use crate::support::{PATIENCE, assert_send, in_time, quick};

fn policy(attempts: u32) -> CallPolicy {
    CallPolicy::new().retry(quick(attempts)).attempt_timeout(PATIENCE).total_timeout(PATIENCE)
}

/// Sends and tells the answer's status.
async fn send(
    policy: &CallPolicy,
    server: &Server,
    method: Method,
) -> Result<u16, CallError<SendError>> {
    let request = Client::new().request(method, server.url()).body("question");
    let answer = in_time(assert_send(resilient_send(policy, request))).await?;
    Ok(answer.status().as_u16())
}

#[tokio::test]
async fn a_server_that_recovers_is_asked_until_it_has() {
    let script = vec![
        Reply::Status(503, "retry-after: 0\r\n".to_owned()),
        Reply::Garbage,
        Reply::HangUp,
        Reply::status(500),
        Reply::Status(429, "retry-after: soon\r\n".to_owned()),
        Reply::status(200),
    ];
    let server = Server::start(script).await;
    assert_eq!(send(&policy(6), &server, Method::GET).await.unwrap(), 200);
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    assert!(seen.iter().all(|request| request.ends_with("question")), "{seen:?}");
}

#[tokio::test]
async fn a_post_is_sent_again_only_if_the_server_did_not_act_on_it() {
    for (reply, sent) in [
        (Reply::status(429), 3),
        (Reply::Status(503, "retry-after: 0\r\n".to_owned()), 3),
        // A proxy says so as well, whose service ended over the request.
        (Reply::status(503), 1),
        (Reply::status(500), 1),
        (Reply::status(502), 1),
        (Reply::Garbage, 1),
        (Reply::HangUp, 1),
    ] {
        let server = Server::start(vec![reply.clone()]).await;
        assert!(send(&policy(3), &server, Method::POST).await.is_err());
        assert_eq!(server.seen().len(), sent, "{reply:?}");

        let server = Server::start(vec![reply.clone()]).await;
        assert!(send(&policy(3).idempotent(true), &server, Method::POST).await.is_err());
        assert_eq!(server.seen().len(), 3, "{reply:?}, idempotent");
    }
}

#[tokio::test]
async fn other_answers_are_answers() {
    for status in [200, 204, 304, 400, 404, 422] {
        let server = Server::start(vec![Reply::status(status)]).await;
        assert_eq!(send(&policy(3), &server, Method::GET).await.unwrap(), status);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn retry_after_is_waited_for_in_seconds_and_as_a_date() {
    let date = |after: u64| {
        let now = SystemTime::now();
        let (date, at) = (now, now + Duration::from_secs(after));
        let [date, at] = [date, at].map(httpdate::fmt_http_date);
        format!("date: {date}\r\nretry-after: {at}\r\n")
    };
    for headers in ["retry-after: 2\r\n".to_owned(), date(2)] {
        let script = vec![Reply::Status(429, headers), Reply::status(200)];
        let server = Server::start(script).await;
        let begun = Instant::now();
        assert_eq!(send(&policy(2), &server, Method::POST).await.unwrap(), 200);
        assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_server_whose_clock_is_wrong_is_believed_about_its_own_time() {
    let headers = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                   retry-after: Sun, 06 Nov 1994 08:51:37 GMT\r\n";
    let server = Server::start(vec![Reply::Status(503, headers.to_owned())]).await;
    let error = send(&policy(1), &server, Method::GET).await.unwrap_err();
    assert_eq!(error.retry_in(), Some(Duration::from_secs(120)));
    assert_eq!(
        error.to_string(),
        "The service is not available just now. Please try again in 2 minutes."
    );
    assert_eq!(parse_retry_after("120", SystemTime::now()), error.retry_in());
}

#[tokio::test]
async fn the_last_answer_can_still_be_read() {
    let server = Server::start(vec![Reply::status(500)]).await;
    let error = send(&policy(2), &server, Method::GET).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the answer was 500 Internal Server Error");
    let Some(SendError::Status(answer)) = error.into_source() else { panic!("no answer") };
    assert_eq!(answer.text().await.unwrap(), "body");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_and_asked_again_if_that_is_safe() {
    let server = Server::start(vec![Reply::Silence]).await;
    let hasty = policy(1).attempt_timeout(Duration::from_millis(200));
    let error = send(&hasty, &server, Method::GET).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { attempts: 1, .. }));

    let hasty = policy(5).attempt_timeout(Duration::from_millis(200));
    let error = send(&hasty, &server, Method::POST).await.unwrap_err();
    assert!(matches!(error, CallError::TimedOut { attempts: 1, .. }));

    // So many attempts that one of them is answered in time, however slow the machine.
    let server = Server::start(vec![Reply::Silence, Reply::status(200)]).await;
    let patient = policy(1_000).attempt_timeout(Duration::from_millis(500));
    assert_eq!(send(&patient, &server, Method::GET).await.unwrap(), 200);
    assert!(server.seen().len() >= 2);
}

#[tokio::test]
async fn any_request_is_sent_again_where_there_is_no_connection() {
    // The port is kept, but nobody listens on it.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/?key=secret", socket.local_addr().unwrap());
    let request = Client::new().post(url).body("question");
    let error = in_time(resilient_send(&policy(4), request)).await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { attempts: 4, .. }), "{error:?}");
    assert!(!error.detail().contains("secret"), "{}", error.detail());
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn a_body_that_cannot_be_cloned_is_sent_once_only() {
    struct Stream(Option<&'static [u8]>);
    impl http_body::Body for Stream {
        type Data = &'static [u8];
        type Error = std::io::Error;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<&'static [u8]>, std::io::Error>>>
        {
            std::task::Poll::Ready(self.0.take().map(http_body::Frame::data).map(Ok))
        }
    }
    let server = Server::start(vec![Reply::status(503)]).await;
    let body = reqwest::Body::wrap(Stream(Some(b"streamed")));
    let request = Client::new().put(server.url()).body(body);
    let error = in_time(resilient_send(&policy(5), request)).await.unwrap_err();
    assert!(matches!(error, CallError::Unavailable { attempts: 1, .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1);
    assert!(server.seen()[0].contains("streamed"));
}

#[tokio::test]
async fn a_request_that_is_none_is_not_sent_and_not_held_against_the_service() {
    let breaker = Arc::new(Breaker::new("The service").opens_after(1).build());
    let request = Client::new().get("this is no address");
    let policy = policy(3).breaker(breaker.clone());
    let error = in_time(resilient_send(&policy, request)).await.unwrap_err();
    assert!(matches!(error, CallError::Refused { attempts: 1, .. }), "{error:?}");
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[tokio::test]
async fn the_breaker_opens_tries_and_closes_again_as_the_server_recovers() {
    let mut script = vec![Reply::status(503); 4];
    script.push(Reply::status(200));
    let server = Server::start(script).await;
    let builder = Breaker::new("The service").opens_after(3).open_for(Duration::from_millis(1));
    let breaker = Arc::new(builder.longest_open(Duration::from_millis(1)).build());
    let policy = policy(1).breaker(breaker.clone());
    let past_the_moment = || tokio::time::sleep(Duration::from_millis(20));

    for _ in 0..3 {
        assert!(send(&policy, &server, Method::GET).await.is_err());
    }
    assert_eq!(breaker.state(), BreakerState::Open);
    past_the_moment().await;
    // The trial is answered with 503 once more.
    assert!(send(&policy, &server, Method::GET).await.is_err());
    assert_eq!(server.seen().len(), 4);
    assert_eq!(breaker.state(), BreakerState::Open);
    past_the_moment().await;
    assert_eq!(send(&policy, &server, Method::GET).await.unwrap(), 200);
    assert_eq!(breaker.state(), BreakerState::Closed);
}

#[test]
fn no_retry_after_makes_the_parser_panic() {
    let now = SystemTime::now();
    let mut random = fastrand::Rng::with_seed(7);
    for valid in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "86400"] {
        assert!(parse_retry_after(valid, now).is_some());
        for _ in 0..20_000 {
            let mut broken = valid.as_bytes().to_vec();
            for _ in 0..random.usize(1..4) {
                let place = random.usize(0..broken.len());
                broken[place] = random.u8(..);
            }
            let _ = parse_retry_after(&String::from_utf8_lossy(&broken), now);
        }
    }
}
