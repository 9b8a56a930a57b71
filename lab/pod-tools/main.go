// The one image of the lab that is not about ZITADEL: without arguments it holds a pod's namespaces ("pause"); with
// arguments it is a small web server, or asks from inside of a pod what only a pod can answer.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = "usage: pod-tools [serve [ADDRESS] | get URL | dial HOST:PORT]"

func main() {
	var err error
	switch arguments := os.Args[1:]; {
	case len(arguments) == 0:
		pause()
	case len(arguments) == 1 && arguments[0] == "serve":
		err = serve(":8080")
	case len(arguments) == 2 && arguments[0] == "serve":
		err = serve(arguments[1])
	case len(arguments) == 2 && arguments[0] == "get":
		err = get(arguments[1])
	case len(arguments) == 2 && arguments[0] == "dial":
		err = dial(arguments[1])
	default:
		err = errors.New(usage)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pause waits for the end and collects children that their parents left: it is PID 1 where a pod shares its processes.
func pause() {
	events := make(chan os.Signal, 8)
	signal.Notify(events, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for event := range events {
		if event != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

// serve answers every request with the names of the pod and its node, and says in headers what it was asked.
func serve(address string) error {
	pod, err := os.Hostname()
	if err != nil {
		return err
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-end; os.Exit(0) }()
	return http.ListenAndServe(address, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("X-Asked", request.Host+request.URL.RequestURI())
		fmt.Fprintf(answer, "%s on %s\n", pod, os.Getenv("NODE_NAME"))
	}))
}

// get prints what a URL answers; an answer that is no success is an error.
func get(url string) error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return nil
}

// dial connects by TCP and says which address took the connection.
func dial(target string) error {
	connection, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		return err
	}
	defer connection.Close()
	fmt.Println("connected to", connection.RemoteAddr())
	return nil
}
