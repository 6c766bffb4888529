//! HTTP/1.1 on a listener, with limits on what clients may hold that are slow or many.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tower::ServiceExt as _;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

/// How long clients may take, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// Between two parts of a request's body.
    pub body_part: Duration,
    /// For a request as a whole: 50 MB over a slow line take minutes.
    pub request: Duration,
    /// For what is being answered when the server is to end.
    pub end: Duration,
    /// Connections at one time; whoever comes then waits until one ends.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            body_part: Duration::from_secs(30),
            request: Duration::from_secs(600),
            end: Duration::from_secs(20),
            connections: 1_024,
        }
    }
}

/// Serves the routes until `stop`, then ends what is being answered.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let routes = routes
        .layer(RequestBodyTimeoutLayer::new(limits.body_part))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            limits.request,
        ));
    let room = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let accept_all = async {
        // The room is never closed, so there is always a place in the end.
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let answering = open.watch(connection(stream, peer, routes.clone(), &limits));
            tokio::spawn(async move {
                // Clients go away in the middle, or too slow; that is no fault of ours.
                if let Err(error) = answering.await {
                    tracing::debug!(%error, "a connection ended");
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept_all => {}
        () = stop => {}
    }
    drop(listener);
    if tokio::time::timeout(limits.end, open.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were cut off at the end");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                // A client that went away, or no file handles left: the next may do better, after a moment.
                tracing::warn!(%error, "accepting");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    limits: &Limits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + use<> {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(stream), service)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::{body::Bytes, routing::post};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
    };

    use super::*;

    const SHORT: Duration = Duration::from_millis(200);

    struct Running {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: tokio::task::JoinHandle<()>,
    }

    async fn start(connections: usize) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>, body: Bytes| async move {
            format!("{} sent {}", peer.ip(), body.len())
        };
        let routes = Router::new().route("/", post(peer));
        let limits = Limits {
            head: SHORT,
            body_part: SHORT,
            connections,
            ..Limits::default()
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve(listener, routes, limits, stopped).await;
        });
        Running {
            address,
            stop,
            task,
        }
    }

    /// What comes back to these bytes, until the server closes.
    async fn answer(to: SocketAddr, bytes: &str) -> String {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        said
    }

    const WHOLE: &str =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab";

    #[tokio::test]
    async fn who_is_slow_is_not_waited_for() {
        let server = start(8).await;
        let begun = Instant::now();
        let whole = answer(server.address, WHOLE).await;
        assert!(whole.ends_with("127.0.0.1 sent 2"), "{whole}");
        // A head that never ends, a body that stops in the middle, a connection that is kept for nothing.
        assert_eq!(answer(server.address, "POST / HTTP/1.1\r\nHo").await, "");
        let half = answer(server.address, &WHOLE.replace("\nab", "\na")).await;
        assert!(half.starts_with("HTTP/1.1 4"), "{half}");
        let kept = answer(server.address, &WHOLE.replace("Connection: close\r\n", "")).await;
        assert!(kept.ends_with("sent 2"), "{kept}");
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[tokio::test]
    async fn more_connections_than_there_is_room_for_wait() {
        let server = start(1).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        first.write_all(b"POST / HTTP/1.1\r\n").await.unwrap();
        let begun = Instant::now();
        let second = answer(server.address, WHOLE).await;
        assert!(second.ends_with("sent 2"), "{second}");
        assert!(
            begun.elapsed() >= SHORT / 2,
            "it waited for the first to be given up"
        );
    }

    #[tokio::test]
    async fn it_ends_when_told() {
        let server = start(8).await;
        let _idle = TcpStream::connect(server.address).await.unwrap();
        server.stop.send(()).unwrap();
        server.task.await.unwrap();
        assert!(TcpStream::connect(server.address).await.is_err());
    }
}
