package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

const period = 250 * time.Millisecond

// serve takes connections and ends them: that they came is all that counts.
func serve(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		connection.Close()
	}
}

// attempt is one line of `watch`.
type attempt struct {
	Run       string `json:"run"`
	Number    int    `json:"attempt"`
	Reachable bool   `json:"reachable"`
}

// watch tries to connect again and again and says each time whether it could.
func watch(address string, attempts int, patience time.Duration, out io.Writer) error {
	if address == "" {
		return errors.New("no server is named in KASTELLAN_PROBE_SERVER")
	}
	encoder := json.NewEncoder(out)
	for number := range attempts {
		connection, err := net.DialTimeout("tcp", address, patience)
		if err == nil {
			connection.Close()
		}
		if err := encoder.Encode(attempt{Run: run(), Number: number, Reachable: err == nil}); err != nil {
			return err
		}
		time.Sleep(period)
	}
	return nil
}

// hold proves that a volume can be written and read.
func hold(folder string) error {
	file := filepath.Join(folder, "kastellan-probe")
	if err := os.WriteFile(file, []byte(run()), 0o600); err != nil {
		return err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if string(content) != run() {
		return fmt.Errorf("%s holds other bytes than were written", file)
	}
	return say(map[string]any{"run": run(), "held": true})
}
