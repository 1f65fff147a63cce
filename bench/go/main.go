// Peer `go`: goroutines on one processor (GOMAXPROCS 1).
package main

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

const (
	clockMonotonic  = 1
	clockProcessCPU = 2
	timerAbsolute   = 1
)

var startedAt int64

func clock(id uintptr) int64 {
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func start() {
	startedAt = clock(clockProcessCPU)
}

func elapsed() float64 {
	return float64(clock(clockProcessCPU) - startedAt)
}

func row(test string, param int, ns float64) {
	fmt.Printf("go\t%s\t%d\t%.2f\n", test, param, ns)
}

func residentBytes() float64 {
	var total, resident int
	text, _ := os.ReadFile("/proc/self/statm")
	fmt.Sscanf(string(text), "%d %d", &total, &resident)
	return float64(resident) * float64(os.Getpagesize())
}

func check(isRight bool, what string) {
	if !isRight {
		fmt.Fprintln(os.Stderr, "go: wrong result:", what)
		os.Exit(1)
	}
}

// yield: `tasks` goroutines that do nothing but go to the back of the run queue.
func testYield(n, tasks int) {
	var all sync.WaitGroup
	all.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			for k := 0; k < n/tasks; k++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	start()
	all.Wait()
	row("yield", tasks, elapsed()/float64(n))
}

var sink int

//go:noinline
func nest(n, depth int) int {
	if depth > 1 {
		return nest(n, depth-1) + 1
	}
	for i := 0; i < n; i++ {
		runtime.Gosched()
	}
	return 1
}

// nest: a yield at the bottom of `depth` function calls.
func testNest(n, depth int) {
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		sink = nest(n, depth)
		all.Done()
	}()
	start()
	all.Wait()
	row("nest", depth, elapsed()/float64(n))
}

//go:noinline
func addOne(x int) int {
	return x + 1
}

// call: in Go a function call.
func testCall(n, param int) {
	sum := 0
	start()
	for i := 0; i < n; i++ {
		sum = addOne(sum)
	}
	row("call", param, elapsed()/float64(n))
	sink = sum
}

// spawn: start `size` goroutines, wait until all have ended, again.
func testSpawn(n, size int) {
	var batch sync.WaitGroup
	start()
	for done := 0; done < n; done += size {
		batch.Add(size)
		for i := 0; i < size; i++ {
			go batch.Done()
		}
		batch.Wait()
	}
	row("spawn", size, elapsed()/float64(n))
}

// live: n goroutines that are blocked at the same time.
func testLive(n, param int) {
	var blocked, all sync.WaitGroup
	blocked.Add(n)
	all.Add(n)
	runtime.GC()
	before := residentBytes()
	gate := make(chan int)
	start()
	for i := 0; i < n; i++ {
		go func() {
			blocked.Done()
			<-gate
			all.Done()
		}()
	}
	blocked.Wait()
	row("live_bytes", n, (residentBytes()-before)/float64(n))
	close(gate)
	all.Wait()
	row("live_ns", n, elapsed()/float64(n))
}

// queue: numbers go from one goroutine to another through a channel that holds `capacity` of them.
func testQueue(n, capacity int) {
	var all sync.WaitGroup
	numbers := make(chan int, capacity)
	sum := 0
	all.Add(2)
	start()
	go func() {
		for i := 1; i <= n; i++ {
			numbers <- i
		}
		all.Done()
	}()
	go func() {
		for i := 0; i < n; i++ {
			sum += <-numbers
		}
		all.Done()
	}()
	all.Wait()
	row("queue", capacity, elapsed()/float64(n))
	check(sum == n*(n+1)/2, "queue")
}

// event: two goroutines wake each other in turn.
func testEvent(n, param int) {
	var all sync.WaitGroup
	first := make(chan struct{}, 1)
	second := make(chan struct{}, 1)
	answers := 0
	all.Add(2)
	start()
	go func() {
		for i := 0; i < n/2; i++ {
			second <- struct{}{}
			<-first
		}
		all.Done()
	}()
	go func() {
		for answers < n/2 {
			<-second
			answers++
			first <- struct{}{}
		}
		all.Done()
	}()
	all.Wait()
	row("event", param, elapsed()/float64(n))
	check(answers == n/2, "event")
}

// mutex: `tasks` goroutines take a lock in turn, and let the others run while they hold it.
func testMutex(n, tasks int) {
	var all sync.WaitGroup
	var lock sync.Mutex
	guarded := 0
	all.Add(tasks)
	start()
	for i := 0; i < tasks; i++ {
		go func() {
			for k := 0; k < n/tasks; k++ {
				lock.Lock()
				seen := guarded
				runtime.Gosched()
				guarded = seen + 1
				lock.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
	row("mutex", tasks, elapsed()/float64(n))
	check(guarded == n/tasks*tasks, "mutex") // nobody came in between
}

// gather: start `size` goroutines that yield once, wait for all, add up their results; again.
func testGather(n, size int) {
	var all sync.WaitGroup
	results := make([]int, size)
	number, sum := 0, 0
	numbered := func(number int, result *int) {
		runtime.Gosched()
		*result = number + 1
		all.Done()
	}
	start()
	for done := 0; done < n; done++ {
		all.Add(size)
		for i := range results {
			go numbered(number, &results[i])
			number++
		}
		all.Wait()
		for _, result := range results {
			sum += result
		}
	}
	row("gather", size, elapsed()/float64(n))
	check(sum == n*size*(n*size+1)/2, "gather")
}

// group: start `size` goroutines, wait for all; again.
func testGroup(n, size int) {
	var group sync.WaitGroup
	ended := 0
	child := func() {
		ended++
		group.Done()
	}
	start()
	for done := 0; done < n; done += size {
		group.Add(size)
		for i := 0; i < size; i++ {
			go child()
		}
		group.Wait()
	}
	row("group", size, elapsed()/float64(n))
	check(ended == n, "group")
}

// Blocks the whole process: the scheduler does not know of it, so it runs nothing else meanwhile.
func sleepUntil(ns int64) {
	at := syscall.NsecToTimespec(ns)
	for clock(clockMonotonic) < ns {
		syscall.RawSyscall6(syscall.SYS_CLOCK_NANOSLEEP, clockMonotonic, timerAbsolute,
			uintptr(unsafe.Pointer(&at)), 0, 0, 0)
	}
}

// timer: n timers at random in 10 seconds: arm all; cancel all. Then all within 0.1 seconds from a
// moment that arming does not reach; sleep until the last is due, and let the runtime fire them.
// The runtime may begin as soon as it can, so the clock, which does not count sleep, starts before
// the sleep. Timers with a channel are meant for that part: those with a function start a goroutine
// each, which costs 2 us when a million of them start at once.
func testTimer(n, param int) {
	due := make([]time.Duration, n)
	for i := range due {
		due[i] = time.Duration(rand.Int63n(10000000000))
	}
	timers := make([]*time.Timer, n)
	start()
	for i := range due {
		timers[i] = time.AfterFunc(time.Hour+due[i], func() {})
	}
	row("timer_arm", n, elapsed()/float64(n))

	start()
	for i := range timers {
		timers[i].Stop()
	}
	row("timer_cancel", n, elapsed()/float64(n))

	began := clock(clockMonotonic)
	now := time.Now()
	for i := range due {
		timers[i] = time.NewTimer(3*time.Second + due[i]/100 - time.Since(now))
	}
	start()
	sleepUntil(began + 3200000000)
	for i := range timers {
		<-timers[i].C
	}
	row("timer_fire", n, elapsed()/float64(n))
}

// One wait that is guarded by a timeout of 30 seconds; the timer is used again and again.
func guardedWait(event chan struct{}, guard *time.Timer) {
	guard.Reset(30 * time.Second)
	select {
	case <-event:
		guard.Stop()
	case <-guard.C:
		panic("timeout")
	}
}

// timeout: two goroutines wake each other in turn, each wait is guarded.
func testTimeout(n, others int) {
	var all sync.WaitGroup
	for i := 0; i < others; i++ {
		time.AfterFunc(20*time.Second+time.Duration(i%10000)*time.Millisecond, func() {})
	}
	first := make(chan struct{}, 1)
	second := make(chan struct{}, 1)
	all.Add(2)
	start()
	go func() {
		guard := time.NewTimer(time.Hour)
		for i := 0; i < n/2; i++ {
			second <- struct{}{}
			guardedWait(first, guard)
		}
		all.Done()
	}()
	go func() {
		guard := time.NewTimer(time.Hour)
		for i := 0; i < n/2; i++ {
			guardedWait(second, guard)
			first <- struct{}{}
		}
		all.Done()
	}()
	all.Wait()
	row("timeout", others, elapsed()/float64(n))
}

// callsoon: `callbacks` functions, each starts itself again as a goroutine.
func testCallsoon(n, callbacks int) {
	var all sync.WaitGroup
	var callback func()
	left := n
	all.Add(callbacks)
	callback = func() {
		if left > 0 {
			left--
			go callback()
		} else {
			all.Done()
		}
	}
	start()
	for i := 0; i < callbacks; i++ {
		go callback()
	}
	all.Wait()
	row("callsoon", callbacks, elapsed()/float64(n))
}

// The driver keeps a program on one processor: lets all threads that there are have two. Those to come
// inherit it.
func useTwoProcessors() {
	processors := [16]uint64{3}
	threads, _ := os.ReadDir("/proc/self/task")
	for _, thread := range threads {
		id, _ := strconv.Atoi(thread.Name())
		syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, uintptr(id), unsafe.Sizeof(processors),
			uintptr(unsafe.Pointer(&processors)))
	}
	runtime.GOMAXPROCS(2)
}

// post: a goroutine on another processor sends to this one.
func testPost(n, param int) {
	useTwoProcessors()
	posts := make(chan int, 1024)
	sum := 0
	begin := clock(clockMonotonic)
	go func() {
		for i := 1; i <= n; i++ {
			posts <- i
		}
		close(posts)
	}()
	for i := range posts {
		sum += i
	}
	row("post", param, float64(clock(clockMonotonic)-begin)/float64(n))
	check(sum == n*(n+1)/2, "post")
}

func main() {
	tests := map[string]func(n, param int){
		"yield":    testYield,
		"nest":     testNest,
		"call":     testCall,
		"spawn":    testSpawn,
		"live":     testLive,
		"queue":    testQueue,
		"event":    testEvent,
		"mutex":    testMutex,
		"gather":   testGather,
		"group":    testGroup,
		"timer":    testTimer,
		"timeout":  testTimeout,
		"callsoon": testCallsoon,
		"post":     testPost,
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: go TEST N [PARAM]")
		os.Exit(1)
	}
	test, known := tests[os.Args[1]]
	if !known {
		os.Exit(2)
	}
	n, _ := strconv.Atoi(os.Args[2])
	param := 1
	if len(os.Args) > 3 {
		param, _ = strconv.Atoi(os.Args[3])
	}
	runtime.GOMAXPROCS(1)
	test(n, param)
}
