//! HTTP/1.1 on a listener, with limits on what clients may hold that are slow or many.

mod patience;

use std::{
    future::Future,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use desk::Places;
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

use patience::Patience;

/// Connections at one time, where there are file handles enough.
const CONNECTIONS_MAX: usize = 1_024;
/// Of the connections that there may be, an address may have one in so many.
const ADDRESSES_MIN: usize = 8;
/// File handles that are asked for: each connection takes one, and databases and files take theirs.
const HANDLES: u64 = 16_384;

/// How long clients may take, and how many there may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// Between two parts of a request's body.
    pub body_part: Duration,
    /// For a request as a whole: 50 MB over a slow line take minutes.
    pub request: Duration,
    /// For a client to take any of what is written to it.
    pub write: Duration,
    /// For what is being answered when the server is to end.
    pub end: Duration,
    /// Connections at one time; whoever comes then waits until one ends.
    pub connections: usize,
    /// Of these those of one address; more are closed at once.
    pub of_address: usize,
}

impl Limits {
    /// The usual limits, with room for no more connections than half of these file handles: the databases and the
    /// files that papers and evidence are need theirs. Behind a proxy all come from one address, so none is limited.
    pub fn within(handles: Option<u64>, behind_proxy: bool) -> Self {
        let half = handles.map_or(usize::MAX, |n| usize::try_from(n / 2).unwrap_or(usize::MAX));
        let connections = half.clamp(1, CONNECTIONS_MAX);
        let of_address = if behind_proxy {
            connections
        } else {
            (connections / ADDRESSES_MIN).max(1)
        };
        Self {
            connections,
            of_address,
            ..Self::default()
        }
    }
}

/// Asks the system for as many file handles as are of use; gives how many there may be, none for no limit.
pub fn raise_handles() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let wanted = maximum
        .map_or(HANDLES, |most| most.min(HANDLES))
        .max(current);
    let raised = Rlimit {
        current: Some(wanted),
        maximum,
    };
    // Where the system refuses, there is room for fewer connections, and nothing else is lost.
    Some(setrlimit(Resource::Nofile, raised).map_or(current, |()| wanted))
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(20),
            body_part: Duration::from_secs(30),
            request: Duration::from_secs(600),
            write: Duration::from_secs(30),
            end: Duration::from_secs(20),
            connections: CONNECTIONS_MAX,
            of_address: CONNECTIONS_MAX / ADDRESSES_MIN,
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
    let by_address = Places::default();
    let open = GracefulShutdown::new();
    let accept_all = async {
        // The room is never closed, so there is always a place in the end.
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let Some(own_place) = by_address.take(neighbourhood(peer.ip()), limits.of_address)
            else {
                tracing::debug!(%peer, "too many connections of one address");
                continue;
            };
            let answering = open.watch(connection(stream, peer, routes.clone(), &limits));
            tokio::spawn(async move {
                // Clients go away in the middle, or too slow; that is no fault of ours.
                if let Err(error) = answering.await {
                    tracing::debug!(%error, "a connection ended");
                }
                drop((place, own_place));
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
        .serve_connection(TokioIo::new(Patience::new(stream, limits.write)), service)
}

/// What is counted as one address: of IPv6 the network, whose every address one machine may use.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(whole) => {
            let [a, b, c, d, ..] = whole.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use axum::{
        body::Bytes,
        routing::{get, post},
    };
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

    /// Longer than what a system keeps for a client that does not read.
    const LARGE: usize = 48 << 20;

    async fn start(connections: usize) -> Running {
        start_with(connections, connections).await
    }

    async fn start_with(connections: usize, of_address: usize) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>, body: Bytes| async move {
            format!("{} sent {}", peer.ip(), body.len())
        };
        let large = get(|| async { vec![b'x'; LARGE] });
        let routes = Router::new().route("/", post(peer)).route("/large", large);
        let limits = Limits {
            head: SHORT,
            body_part: SHORT,
            write: SHORT,
            connections,
            of_address,
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
    async fn who_does_not_read_the_answer_is_given_up() {
        let server = start(1).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        let ask = b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
        first.write_all(ask).await.unwrap();
        // The one place there is becomes free, though the first holds on to its end.
        let second = tokio::time::timeout(Duration::from_secs(20), answer(server.address, WHOLE));
        assert!(second.await.unwrap().ends_with("sent 2"));
        drop(first);
        // Who reads gets all of it, however large.
        let all = answer(
            server.address,
            "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        );
        assert!(all.await.len() > LARGE);
    }

    #[tokio::test]
    async fn one_address_has_no_more_than_its_share() {
        let server = start_with(8, 2).await;
        let mut idle = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(b"POST / HTTP/1.1\r\n").await.unwrap();
            idle.push(stream);
        }
        let begun = Instant::now();
        let mut third = TcpStream::connect(server.address).await.unwrap();
        let told = third.read(&mut [0; 1]).await;
        assert!(matches!(told, Ok(0) | Err(_)), "{told:?}");
        assert!(begun.elapsed() < SHORT, "it is not waited for");
        drop(idle);
        tokio::time::sleep(SHORT).await;
        assert!(answer(server.address, WHOLE).await.ends_with("sent 2"));
    }

    #[test]
    fn connections_leave_file_handles_for_databases_and_files() {
        fn check(handles: Option<u64>, behind_proxy: bool, connections: usize, of_address: usize) {
            let limits = Limits::within(handles, behind_proxy);
            let found = (limits.connections, limits.of_address);
            assert_eq!(found, (connections, of_address), "{handles:?}");
        }
        check(None, false, 1_024, 128);
        check(Some(1_024), false, 512, 64);
        check(Some(1_024), true, 512, 512);
        check(Some(1_000_000), false, 1_024, 128);
        check(Some(4), false, 2, 1);
        assert!(raise_handles().is_none_or(|handles| handles > 0));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        fn check(address: &str, expect: &str) {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(neighbourhood(address).to_string(), expect);
        }
        check("10.0.0.9", "10.0.0.9");
        check("::ffff:10.0.0.9", "10.0.0.9");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
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
