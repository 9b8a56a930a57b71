// The probe program of kastellan's preflight: asks from inside of a pod what only a pod can answer, and says what it saw
// as one line of JSON. It changes nothing, reads no secret but the database's password, and holds no credential of the
// cluster. Its questions are a file; its only other input is the environment.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

const usage = "usage: kastellan-probe ask FILE | serve | watch | hold FOLDER"

// deadline ends the program whatever it waits for; the Job's own deadline is longer.
const deadline = 50 * time.Second

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 2 && arguments[0] == "ask":
		err = ask(arguments[1])
	case len(arguments) == 1 && arguments[0] == "serve":
		err = serve(":8080")
	case len(arguments) == 1 && arguments[0] == "watch":
		err = watch(os.Getenv("KASTELLAN_PROBE_SERVER"), 1<<30, time.Second, os.Stdout)
	case len(arguments) == 2 && arguments[0] == "hold":
		err = hold(arguments[1])
	default:
		err = errors.New(usage)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// say prints one line that names the run, so that a log of anything else is never taken for an answer.
func say(answer any) error {
	return json.NewEncoder(os.Stdout).Encode(answer)
}

func run() string { return os.Getenv("KASTELLAN_PROBE_RUN") }
