package eventnode

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"

	"praxis/adapters/eventnode/engine"
)

// closeGrace is how long Close waits for calls in progress when its context
// allows more: a stalled subscriber must not keep the process from ending.
const closeGrace = 5 * time.Second

// Node is a running event node.
type Node struct {
	engine   *engine.Engine
	dir      string
	logger   *slog.Logger
	address  string
	tcp      net.Addr
	tls      bool
	stopping chan struct{}
	servers  []*grpc.Server
	serving  sync.WaitGroup
	private  string // a directory of the socket's own
	close    sync.Once
	closeErr error
}

// Open opens the log and serves it. After a run that did not end by itself, the
// whole log is checked first. A node that cannot listen closes its log again.
// Wrong settings are faults of the kind Invalid, "event_node_configuration_invalid";
// errors of the log are those of engine.Open.
func Open(config Config) (*Node, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	unclean, err := endedUncleanly(config.Dir)
	if err != nil {
		return nil, err
	}
	if unclean && !config.Verify {
		config.Logger.Warn("the last event node of this directory did not end by itself, or still runs; checking the whole log", slog.String("directory", config.Dir))
	}
	log, err := engine.Open(engine.Config{
		Dir: config.Dir, Clock: config.Clock, Verify: config.Verify || unclean, Writable: tellWritable(config.Logger),
	})
	if err != nil {
		return nil, err
	}
	n := &Node{engine: log, dir: config.Dir, logger: config.Logger, stopping: make(chan struct{})}
	if err := errors.Join(setMarker(config.Dir), n.listen(config)); err != nil {
		return nil, errors.Join(err, n.Close(context.Background()))
	}
	head, _ := log.Head()
	n.logger.Info("event node is serving", slog.String("address", n.Address()),
		slog.String("connectionString", n.ConnectionString()), slog.Uint64("head", head))
	return n, nil
}

// tellWritable logs when the log stops taking writes and when it goes on.
func tellWritable(logger *slog.Logger) func(error) {
	return func(reason error) {
		if reason == nil {
			logger.Info("event log takes writes again")
			return
		}
		logger.Error("event log takes no writes", slog.Any("error", reason))
	}
}

// listen opens the unix socket and, if asked for, the TCP address.
func (n *Node) listen(config Config) error {
	ctx := context.Background()
	socket, private, err := listenSocket(ctx, config)
	if err != nil {
		return err
	}
	n.private = private
	n.address = "unix:" + socket.Addr().String()
	local := newServer(n.engine, n.stopping, config, nil)
	registerBackup(local, n.engine, n.stopping)
	n.serve(socket, local)
	if config.Listen == "" {
		return nil
	}
	var secured *tls.Config
	if config.TLSCert != "" {
		certificate, err := tls.LoadX509KeyPair(config.TLSCert, config.TLSKey)
		if err != nil {
			return misconfigured("the TLS certificate cannot be loaded: " + err.Error())
		}
		n.tls = true
		secured = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", config.Listen)
	if err != nil {
		return fmt.Errorf("listen on TCP address: %w", err)
	}
	n.tcp = listener.Addr()
	if n.tls {
		listener = tls.NewListener(listener, secured)
	}
	n.serve(listener, newServer(n.engine, n.stopping, config, newAuthenticator(config)))
	return nil
}

// serve runs a server on a listener until Close.
func (n *Node) serve(listener net.Listener, server *grpc.Server) {
	n.servers = append(n.servers, server)
	n.serving.Go(func() {
		if err := server.Serve(http1Listener{listener}); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			n.logger.Error("event node stopped serving", slog.String("address", listener.Addr().String()), slog.Any("error", err))
		}
	})
}

// Address is the gRPC target of the unix socket, "unix:/path". The official
// client takes it as Configuration.Address, with DisableTLS.
func (n *Node) Address() string { return n.address }

// ConnectionString is the connection string of the TCP address, without
// credentials, or "" when the node listens on its unix socket only. The
// official client cannot parse IPv6 addresses in it.
func (n *Node) ConnectionString() string {
	if n.tcp == nil {
		return ""
	}
	return fmt.Sprintf("esdb://%s?tls=%t", n.tcp, n.tls)
}

// Start queues an append of this process itself; what it returns says when it is durable.
// Appends started one after the other are kept in that order. Errors: those of
// engine.Append.
func (n *Node) Start(ctx context.Context, a engine.Append) (*engine.Pending, error) {
	return n.engine.Start(ctx, a)
}

// Close ends subscriptions and reads, waits for appends in progress, commits
// what is queued and closes the log. When ctx ends, or after five seconds, the
// remaining connections are cut; queued appends are committed even then.
func (n *Node) Close(ctx context.Context) error {
	n.close.Do(func() {
		close(n.stopping)
		n.stopServers(ctx)
		n.serving.Wait()
		if n.closeErr = n.engine.Close(); n.closeErr == nil {
			n.closeErr = clearMarker(n.dir)
		}
		n.closeErr = errors.Join(n.closeErr, os.RemoveAll(n.private))
		n.logger.Info("event node is closed", slog.String("address", n.address))
	})
	return n.closeErr
}

// stopServers lets calls end by themselves for a while and then cuts them.
func (n *Node) stopServers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeGrace)
	defer cancel()
	var graceful sync.WaitGroup
	for _, server := range n.servers {
		// Stop makes a GracefulStop in progress return.
		defer context.AfterFunc(ctx, server.Stop)()
		graceful.Go(server.GracefulStop)
	}
	graceful.Wait()
}
