package eventstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"praxis/adapters/eventnode"
)

// bareConfig is the client as its defaults make it, on a unix socket.
func bareConfig(address string) *esdb.Configuration {
	config, err := esdb.ParseConnectionString("esdb://127.0.0.1:2113?tls=false")
	if err != nil {
		panic(err)
	}
	config.Address, config.Logger = address, esdb.NoopLogging()
	return config
}

// useBare makes one append and says in a word how it ended.
func useBare(c *esdb.Client) string {
	_, err := c.AppendToStream(context.Background(), "bare-"+uuid.NewString(), esdb.AppendToStreamOptions{},
		esdb.EventData{EventType: "bare.used", ContentType: esdb.ContentTypeJson, Data: []byte(`{}`)})
	var e *esdb.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &e) && e.Code() == esdb.ErrorCodeConnectionClosed:
		return "closed"
	}
	return "failed"
}

// playBareClient uses one client when told to, and a fresh one for comparison.
func playBareClient() error {
	config := bareConfig("unix:" + os.Getenv(socketVariable))
	client, err := esdb.NewClient(config)
	if err != nil {
		return err
	}
	for told := bufio.NewScanner(os.Stdin); told.Scan(); {
		switch told.Text() {
		case "use":
			fmt.Fprintln(os.Stdout, useBare(client))
		case "use until closed":
			for useBare(client) != "closed" {
			}
			fmt.Fprintln(os.Stdout, "closed")
		case "use a fresh one":
			fresh, err := esdb.NewClient(config)
			if err != nil {
				return err
			}
			fmt.Fprintln(os.Stdout, useBare(fresh))
		}
	}
	return nil
}

// playBareHang has two reads open when the server dies, and reports on the second.
func playBareHang() error {
	dir := os.Getenv(dirVariable)
	node, err := eventnode.Open(eventnode.Config{Dir: dir, Socket: filepath.Join(dir, "s")})
	if err != nil {
		return err
	}
	config := bareConfig(node.Address())
	config.DiscoveryInterval = 1
	client, err := esdb.NewClient(config)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for range 40 {
		events := make([]esdb.EventData, 16)
		for i := range events {
			events[i] = esdb.EventData{EventType: "bare.used", ContentType: esdb.ContentTypeBinary, Data: make([]byte, 16<<10)}
		}
		if _, err := client.AppendToStream(ctx, "bare-long", esdb.AppendToStreamOptions{}, events...); err != nil {
			return err
		}
	}
	var reads [2]*esdb.ReadStream
	for i := range reads {
		if reads[i], err = client.ReadStream(ctx, "bare-long", esdb.ReadStreamOptions{}, 640); err != nil {
			return err
		}
		if _, err := reads[i].Recv(); err != nil {
			return err
		}
	}
	killed, cancel := context.WithCancel(ctx)
	cancel()
	_ = node.Close(killed)
	drain(reads[0])
	fmt.Fprintln(os.Stdout, "the first reader is told")
	for useBare(client) != "closed" {
	}
	fmt.Fprintln(os.Stdout, "the client is closed")
	go drain(reads[1])
	for !isStuck() {
		runtime.Gosched()
	}
	fmt.Fprintln(os.Stdout, "the second reader sends to a goroutine that is gone")
	return nil
}

func drain(r *esdb.ReadStream) {
	for {
		if _, err := r.Recv(); err != nil {
			return
		}
	}
}

// isStuck looks for a goroutine that waits for the client's connection keeper,
// while there is none any more.
func isStuck() bool {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	waits := false
	for g := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(g, "esdb.connectionStateMachine") && !strings.Contains(g, "isStuck") {
			return false
		}
		head, rest, _ := strings.Cut(g, "\n")
		waits = waits || strings.Contains(head, "[chan send") && strings.Contains(rest, "(*grpcClient).handleError")
	}
	return waits
}
