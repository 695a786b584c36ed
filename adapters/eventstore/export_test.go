package eventstore

import (
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// Parsed is what a connection string came to, for tests.
type Parsed struct {
	Client          esdb.Configuration
	Attempts        int
	Pause, Patience time.Duration
}

// Parse reads a connection string without opening a store.
func Parse(url string) (Parsed, error) {
	c, err := parseURL(url)
	return Parsed{c.client, c.attempts, c.pause, c.patience}, err
}
