package main

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"sync"
)

// questions is the file that kastellan writes; no secret is in it.
type questions struct {
	Destinations []destination `json:"destinations"`
	Database     *database     `json:"database"`
}

// answers is the one line that `ask` prints.
type answers struct {
	Run          string    `json:"run"`
	Node         string    `json:"node"`
	API          *skew     `json:"api"`
	Families     []string  `json:"families"`
	Destinations []reached `json:"destinations"`
	Database     *measured `json:"database"`
}

// ask answers all questions at the same time, so that one that is not answered costs the others nothing.
func ask(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var asked questions
	if err := json.Unmarshal(content, &asked); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	found := answers{
		Run:          run(),
		Node:         os.Getenv("KASTELLAN_PROBE_NODE"),
		Families:     families(addresses),
		Destinations: make([]reached, len(asked.Destinations)),
	}
	var all sync.WaitGroup
	all.Go(func() { found.API = apiSkew(ctx) })
	for i, to := range asked.Destinations {
		all.Go(func() { found.Destinations[i] = reach(ctx, to, found.Families) })
	}
	if asked.Database != nil {
		all.Go(func() { found.Database = measure(ctx, *asked.Database) })
	}
	all.Wait()
	return say(found)
}
