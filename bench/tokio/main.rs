// Peer `tokio`: futures on the current-thread runtime, with its timers and without its I/O driver.
// (With the I/O driver a yield costs half as much again: the runtime polls it now and then.)

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::{mpsc, Mutex, Notify};
use tokio::task::{spawn_local, yield_now, JoinSet, LocalSet};
use tokio::time::{sleep, sleep_until, timeout, Instant, Sleep};

// CPU time of the process, in nanoseconds.
fn cpu_ns() -> u64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

struct Stopwatch(u64);

impl Stopwatch {
    fn start() -> Self {
        Stopwatch(cpu_ns())
    }

    fn per_operation(&self, n: usize) -> f64 {
        (cpu_ns() - self.0) as f64 / n as f64
    }
}

fn row(test: &str, param: usize, ns: f64) {
    println!("tokio\t{}\t{}\t{:.2}", test, param, ns);
}

fn resident_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

// splitmix64
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e3779b97f4a7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
    z ^ (z >> 31)
}

// yield: `tasks` tasks that do nothing but go to the back of the ready queue.
async fn test_yield(n: usize, tasks: usize) {
    let mut all = Vec::with_capacity(tasks);
    for _ in 0..tasks {
        all.push(tokio::spawn(async move {
            for _ in 0..n / tasks {
                yield_now().await;
            }
        }));
    }
    let watch = Stopwatch::start();
    for task in all {
        task.await.unwrap();
    }
    row("yield", tasks, watch.per_operation(n));
}

// A future that contains itself must be boxed, once for each level.
fn nest(n: usize, depth: usize) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move {
        if depth > 1 {
            return nest(n, depth - 1).await + 1;
        }
        for _ in 0..n {
            yield_now().await;
        }
        1
    })
}

// nest: a yield at the bottom of `depth` futures, each awaiting the next.
async fn test_nest(n: usize, depth: usize) {
    let watch = Stopwatch::start();
    let levels = tokio::spawn(nest(n, depth)).await.unwrap();
    row("nest", depth, watch.per_operation(n));
    assert!(levels == depth);
}

#[inline(never)]
fn plus_one(x: usize) -> usize {
    x + 1
}

async fn add_one(x: usize) -> usize {
    plus_one(x)
}

// call: await of a child that finishes at once.
async fn test_call(n: usize, param: usize) {
    let mut sum = 0;
    let watch = Stopwatch::start();
    for _ in 0..n {
        sum = add_one(sum).await;
    }
    row("call", param, watch.per_operation(n));
    assert!(sum == n);
}

// spawn: start `size` tasks, wait until all have ended, again.
async fn test_spawn(n: usize, size: usize) {
    let mut batch = Vec::with_capacity(size);
    let mut done = 0;
    let watch = Stopwatch::start();
    while done < n {
        for _ in 0..size {
            batch.push(tokio::spawn(async {}));
        }
        for task in batch.drain(..) {
            task.await.unwrap();
        }
        done += size;
    }
    row("spawn", size, watch.per_operation(n));
}

// live: n tasks that are suspended at the same time.
async fn test_live(n: usize, _param: usize) {
    static PARKED: AtomicUsize = AtomicUsize::new(0);
    static LEFT: AtomicUsize = AtomicUsize::new(0);
    let before = resident_bytes();
    let gate = Arc::new(Notify::new());
    LEFT.store(n, Relaxed);
    let watch = Stopwatch::start();
    for _ in 0..n {
        let gate = gate.clone();
        drop(tokio::spawn(async move {
            PARKED.fetch_add(1, Relaxed);
            gate.notified().await;
            LEFT.fetch_sub(1, Relaxed);
        }));
    }
    while PARKED.load(Relaxed) < n {
        yield_now().await;
    }
    row("live_bytes", n, (resident_bytes() - before) / n as f64);
    gate.notify_waiters();
    while LEFT.load(Relaxed) > 0 {
        yield_now().await;
    }
    row("live_ns", n, watch.per_operation(n));
}

// queue: numbers go from one task to another through a channel that holds `capacity` of them.
async fn test_queue(n: usize, capacity: usize) {
    let (sender, mut receiver) = mpsc::channel(capacity);
    let watch = Stopwatch::start();
    let producer = tokio::spawn(async move {
        for number in 1..=n {
            sender.send(number).await.unwrap();
        }
    });
    let consumer = tokio::spawn(async move {
        let mut sum = 0;
        while let Some(number) = receiver.recv().await {
            sum += number;
        }
        sum
    });
    producer.await.unwrap();
    let sum = consumer.await.unwrap();
    row("queue", capacity, watch.per_operation(n));
    assert!(sum == n * (n + 1) / 2);
}

// event: two tasks wake each other in turn.
async fn test_event(n: usize, param: usize) {
    static ANSWERS: AtomicUsize = AtomicUsize::new(0);
    let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (first_too, second_too) = (first.clone(), second.clone());
    let watch = Stopwatch::start();
    let leader = tokio::spawn(async move {
        for _ in 0..n / 2 {
            second.notify_one();
            first.notified().await;
        }
        assert!(ANSWERS.load(Relaxed) + 1 >= n / 2);
    });
    let follower = tokio::spawn(async move {
        for answers in 0..n / 2 {
            second_too.notified().await;
            ANSWERS.store(answers, Relaxed);
            first_too.notify_one();
        }
    });
    leader.await.unwrap();
    follower.await.unwrap();
    row("event", param, watch.per_operation(n));
}

// mutex: `tasks` tasks take a lock in turn, and let the others run while they hold it.
async fn test_mutex(n: usize, tasks: usize) {
    let guarded = Arc::new(Mutex::new(0));
    let mut all = Vec::with_capacity(tasks);
    let watch = Stopwatch::start();
    for _ in 0..tasks {
        let guarded = guarded.clone();
        all.push(tokio::spawn(async move {
            for _ in 0..n / tasks {
                let mut number = guarded.lock().await;
                let seen = *number;
                yield_now().await;
                *number = seen + 1;
            }
        }));
    }
    for task in all {
        task.await.unwrap();
    }
    row("mutex", tasks, watch.per_operation(n));
    assert!(*guarded.lock().await == n / tasks * tasks);
}

async fn numbered(number: usize) -> usize {
    yield_now().await;
    number + 1
}

// gather: start `size` children that yield once, wait for all, add up their results; again. Done
// twice: as futures within this task, whose number the program fixes, and (row gather_spawn) as
// tasks.
async fn test_gather(n: usize, size: usize) {
    assert!(size == 10);
    let mut sum = 0;
    let watch = Stopwatch::start();
    for round in 0..n {
        let k = 10 * round;
        let (a, b, c, d, e, f, g, h, i, j) = tokio::join!(
            numbered(k),
            numbered(k + 1),
            numbered(k + 2),
            numbered(k + 3),
            numbered(k + 4),
            numbered(k + 5),
            numbered(k + 6),
            numbered(k + 7),
            numbered(k + 8),
            numbered(k + 9)
        );
        sum += a + b + c + d + e + f + g + h + i + j;
    }
    row("gather", size, watch.per_operation(n));
    assert!(sum == 10 * n * (10 * n + 1) / 2);

    let mut children = Vec::with_capacity(size);
    sum = 0;
    let watch = Stopwatch::start();
    for round in 0..n {
        for i in 0..size {
            children.push(tokio::spawn(numbered(size * round + i)));
        }
        for child in children.drain(..) {
            sum += child.await.unwrap();
        }
    }
    row("gather_spawn", size, watch.per_operation(n));
    assert!(sum == 10 * n * (10 * n + 1) / 2);
}

// group: start `size` children, wait for all; again.
async fn test_group(n: usize, size: usize) {
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    let mut done = 0;
    let watch = Stopwatch::start();
    while done < n {
        let mut group = JoinSet::new();
        for _ in 0..size {
            group.spawn(async {
                ENDED.fetch_add(1, Relaxed);
            });
        }
        while let Some(outcome) = group.join_next().await {
            outcome.unwrap();
        }
        done += size;
    }
    row("group", size, watch.per_operation(n));
    assert!(ENDED.load(Relaxed) == n);
}

// timer: n timers at random in 10 seconds: arm all; cancel all. Then a task asleep on each, all due
// within 0.1 seconds; wait until the last is due (busily: see bench.h), and let the runtime fire
// them.
async fn test_timer(n: usize, _param: usize) {
    static ARMED: AtomicUsize = AtomicUsize::new(0);
    static FIRED: AtomicUsize = AtomicUsize::new(0);
    let mut seed = 20261123;
    let mut due = Vec::with_capacity(n);
    for _ in 0..n {
        due.push(random(&mut seed) % 10_000_000_000);
    }

    let in_an_hour = Instant::now() + Duration::from_secs(3600);
    let mut timers: Vec<Pin<Box<Sleep>>> = Vec::with_capacity(n);
    let began = Instant::now();
    let watch = Stopwatch::start();
    for ns in &due {
        timers.push(Box::pin(sleep_until(
            in_an_hour + Duration::from_nanos(*ns),
        )));
    }
    std::future::poll_fn(|context| {
        for timer in timers.iter_mut() {
            let _ = timer.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    row("timer_arm", n, watch.per_operation(n));
    let arming = began.elapsed();

    let watch = Stopwatch::start();
    drop(timers);
    row("timer_cancel", n, watch.per_operation(n));

    // Arming must be over before the first is due: the runtime would fire it between two tasks. It
    // takes longer on a busy machine.
    let base = Instant::now() + Duration::from_secs(2) + 4 * arming;
    for ns in &due {
        let at = base + Duration::from_nanos(*ns / 100);
        drop(tokio::spawn(async move {
            ARMED.fetch_add(1, Relaxed);
            sleep_until(at).await;
            FIRED.fetch_add(1, Relaxed);
        }));
    }
    while ARMED.load(Relaxed) < n {
        yield_now().await;
    }
    assert!(FIRED.load(Relaxed) == 0);
    while Instant::now() < base + Duration::from_millis(150) {
        std::hint::spin_loop();
    }
    let watch = Stopwatch::start();
    while FIRED.load(Relaxed) < n {
        yield_now().await;
    }
    row("timer_fire", n, watch.per_operation(n));
}

// timeout: two tasks wake each other in turn; each wait is guarded by a timeout of 30 seconds.
async fn test_timeout(n: usize, others: usize) {
    static ARMED: AtomicUsize = AtomicUsize::new(0);
    for i in 0..others {
        let duration = Duration::from_millis(20_000 + i as u64 % 10_000);
        drop(tokio::spawn(async move {
            ARMED.fetch_add(1, Relaxed);
            sleep(duration).await;
        }));
    }
    while ARMED.load(Relaxed) < others {
        yield_now().await;
    }
    let limit = Duration::from_secs(30);
    let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (first_too, second_too) = (first.clone(), second.clone());
    let watch = Stopwatch::start();
    let leader = tokio::spawn(async move {
        for _ in 0..n / 2 {
            second.notify_one();
            timeout(limit, first.notified()).await.unwrap();
        }
    });
    let follower = tokio::spawn(async move {
        for _ in 0..n / 2 {
            timeout(limit, second_too.notified()).await.unwrap();
            first_too.notify_one();
        }
    });
    leader.await.unwrap();
    follower.await.unwrap();
    row("timeout", others, watch.per_operation(n));
}

// callsoon: `callbacks` functions, each starts itself again as a task. They stay on this thread,
// which is a little cheaper than tasks that might move.
fn callback(calls_left: Rc<Cell<usize>>) {
    let left = calls_left.get();
    if left > 0 {
        calls_left.set(left - 1);
        drop(spawn_local(async move { callback(calls_left) }));
    }
}

async fn test_callsoon(n: usize, callbacks: usize) {
    let calls_left = Rc::new(Cell::new(n));
    let watch = Stopwatch::start();
    for _ in 0..callbacks {
        callback(calls_left.clone());
    }
    while calls_left.get() > 0 {
        yield_now().await;
    }
    row("callsoon", callbacks, watch.per_operation(n));
}

// post: another thread sends to a task.
async fn test_post(n: usize, param: usize) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let begin = std::time::Instant::now();
    stay_on(0);
    let thread = std::thread::spawn(move || {
        stay_on(1);
        for i in 1..=n {
            sender.send(i).unwrap();
        }
    });
    let mut sum = 0;
    while let Some(i) = receiver.recv().await {
        sum += i;
    }
    let ns = begin.elapsed().as_nanos() as f64;
    row("post", param, ns / n as f64);
    thread.join().unwrap();
    assert_eq!(sum, n * (n + 1) / 2);
}

// Where there is no such processor the thread stays where it is.
fn stay_on(processor: usize) {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set);
    }
}

async fn run(test: String, n: usize, param: usize) {
    match test.as_str() {
        "yield" => test_yield(n, param).await,
        "nest" => test_nest(n, param).await,
        "call" => test_call(n, param).await,
        "spawn" => test_spawn(n, param).await,
        "live" => test_live(n, param).await,
        "queue" => test_queue(n, param).await,
        "event" => test_event(n, param).await,
        "mutex" => test_mutex(n, param).await,
        "gather" => test_gather(n, param).await,
        "group" => test_group(n, param).await,
        "timer" => test_timer(n, param).await,
        "timeout" => test_timeout(n, param).await,
        "post" => test_post(n, param).await,
        "callsoon" => LocalSet::new().run_until(test_callsoon(n, param)).await,
        _ => std::process::exit(2),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() < 3 {
        eprintln!("usage: {} TEST N [PARAM]", arguments[0]);
        std::process::exit(1);
    }
    let n = arguments[2].parse().unwrap();
    let param = arguments.get(3).map_or(1, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(arguments[1].clone(), n, param));
}
