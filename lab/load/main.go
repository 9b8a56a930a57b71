// A load generator with an open loop: requests leave at fixed instants, however slow the answers are, and are timed from
// the instant at which they should have left. A closed loop would stop asking just when the server does not answer, and
// call that a good result. It judges nothing: every request becomes a line, and lab/load_report.py reads them.
//
// The plan (JSON) is its only argument; it ends when its standard input does, so that no load outlives who started it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

type plan struct {
	Rate    float64 // requests per second, over all lanes
	Timeout float64 // seconds after which a request is given up
	Lanes   []lane
}

// line is one request; the columns are named in lab/load_report.py.
type line struct {
	at      time.Time
	took    time.Duration
	lane    string
	outcome string
	pod     string
	resent  int
}

func main() {
	if len(os.Args) != 2 {
		fail("usage: load PLAN.json")
	}
	content, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err.Error())
	}
	var plan plan
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&plan); err != nil {
		fail(err.Error())
	}
	if plan.Rate <= 0 || plan.Timeout <= 0 || len(plan.Lanes) == 0 {
		fail("a plan has a rate, a timeout and lanes")
	}
	for i := range plan.Lanes {
		if err := plan.Lanes[i].open(seconds(plan.Timeout)); err != nil {
			fail(plan.Lanes[i].Name + ": " + err.Error())
		}
	}
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	lines := make(chan line, 4096)
	written := make(chan struct{})
	go write(lines, written)
	send(&plan, ended, lines)
	close(lines)
	<-written
}

func send(plan *plan, ended <-chan struct{}, lines chan<- line) {
	var open sync.WaitGroup
	defer open.Wait()
	start := time.Now()
	timer := time.NewTimer(0)
	<-timer.C
	for i := 0; ; i++ {
		at := start.Add(seconds(float64(i) / plan.Rate))
		timer.Reset(time.Until(at))
		select {
		case <-ended:
			return
		case <-timer.C:
		}
		lane := &plan.Lanes[i%len(plan.Lanes)]
		open.Go(func() { lines <- lane.ask(at) })
	}
}

// write puts out a line a request, at the latest every quarter of a second: whoever waits for an effect reads along.
func write(lines <-chan line, written chan<- struct{}) {
	defer close(written)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case one, more := <-lines:
			if !more {
				return
			}
			fmt.Fprintf(out, "%d\t%d\t%s\t%s\t%s\t%d\n",
				one.at.UnixMicro(), one.took.Microseconds(), one.lane, one.outcome, one.pod, one.resent)
		case <-tick.C:
			out.Flush()
		}
	}
}

func seconds(number float64) time.Duration {
	return time.Duration(number * float64(time.Second))
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, "load:", message)
	os.Exit(2)
}
