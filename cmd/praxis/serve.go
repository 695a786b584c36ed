package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"golang.org/x/sync/errgroup"

	"praxis/adapters/auth"
	"praxis/adapters/config"
	"praxis/adapters/cursors"
	"praxis/adapters/devissuer"
	"praxis/adapters/httpapi"
	areas "praxis/adapters/httpapi/all"
	"praxis/adapters/idempotency"
	"praxis/adapters/readiness"
	"praxis/adapters/telemetry"
	"praxis/domain/fault"
	"praxis/projections"
	"praxis/projections/all"
)

const serveHelp = `Serve the HTTP API until interrupted.

Configuration comes from the environment; praxis config check lists it. Without
EVENTSTOREDB_URL and DATABASE_URL praxis runs its own event node and its own
PostgreSQL in PRAXIS_DATA_DIR. Without PRAXIS_OIDC_ISSUER a development issuer on
this machine offers the demo's people to sign in as, at /dev/.`

func newServe(s *settings) *cobra.Command {
	var verify bool
	c := &cobra.Command{
		Use: "serve", Short: "Serve the HTTP API", Long: serveHelp, Args: exactArgs(0),
		RunE: s.configured(func(c *cobra.Command, cfg config.Config, _ []string) error {
			return serve(c.Context(), cfg, verify, newLogger(cfg, c.ErrOrStderr()), c.ErrOrStderr(), nil)
		}),
	}
	addVerify(c, &verify)
	return c
}

// addVerify adds the flag that has the embedded log checked.
func addVerify(c *cobra.Command, verify *bool) {
	c.Flags().BoolVar(verify, "verify", false, "read and check the whole embedded event log before serving")
}

// server is a running HTTP server with its parts.
type server struct {
	*installation
	issuer *devissuer.Issuer
	url    string
	board  *readiness.Board
}

// serve runs the server until ctx ends or a part fails. whenReady, if set, runs
// beside it once every part is ready; its error stops the server.
func serve(ctx context.Context, cfg config.Config, verify bool, logger *slog.Logger, progress io.Writer, whenReady func(context.Context, *server) error) (err error) {
	for _, w := range cfg.Warnings {
		logger.Warn(w)
	}
	end := &stopping{limit: cfg.ShutdownTimeout}
	defer context.AfterFunc(ctx, end.begin)()
	stopTracing, err := telemetry.Setup(ctx, telemetry.Config{ServiceVersion: version, OTLPEndpoint: cfg.OTLPEndpoint})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, end.within(1, func(ctx context.Context) error { return bounded(ctx, "the collector of traces", 1, stopTracing) }))
	}()
	i, err := open(ctx, cfg, logger, opening{isServer: true, verify: verify}, progress)
	if err != nil && ctx.Err() != nil {
		// Whatever broke off did so because the server was asked to end.
		logger.Info("stopped before it was ready", "reason", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end.within(1, i.close)) }()
	return i.serve(ctx, end, whenReady)
}

// listen takes the address of the API. Fault: "address_taken".
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.New(fault.Unavailable, "address_taken", "Another program listens on %s already; stop it, or set PRAXIS_LISTEN to another address, such as 127.0.0.1:8081.", address).Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s (PRAXIS_LISTEN): %w", address, err)
	}
	return listener, nil
}

// checkListen finds out, before anything is started or installed, whether the
// address of the API is free.
func (i *installation) checkListen(ctx context.Context) error {
	listener, err := listen(ctx, i.config.Listen)
	if err != nil {
		return err
	}
	return listener.Close()
}

// serve runs until ctx ends or a part fails. Then it says that it is not ready, takes
// requests until balancers have noticed, finishes those that run, and only then ends
// what they need: what follows the log.
func (i *installation) serve(ctx context.Context, end *stopping, whenReady func(context.Context, *server) error) error {
	s := &server{installation: i, url: i.config.BaseURL()}
	if err := projections.Install(ctx, i.pool, i.runner.Projectors...); err != nil {
		return err
	}
	handler, err := s.handler()
	if err != nil {
		return err
	}
	outbox, err := i.openOutbox()
	if err != nil {
		return err
	}
	listener, err := listen(ctx, i.config.Listen)
	if err != nil {
		return err
	}
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: i.config.RequestTimeout,
		WriteTimeout: i.config.RequestTimeout + 5*time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(i.logger.Handler(), slog.LevelWarn),
	}
	if i.ownsData {
		i.endpoints.URL = s.url
		if err := writeState(filepath.Join(i.config.DataDir, endpointsFile), i.endpoints); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	group, running := errgroup.WithContext(work)
	watchOutbox := func(ctx context.Context) error { return i.watchOutbox(ctx, outbox) }
	for _, run := range []func(context.Context) error{i.follow, outbox.Run, i.sweeper().Run, watchOutbox, i.watchDatabase} {
		group.Go(func() error { return run(running) })
	}
	webClosed := make(chan struct{})
	group.Go(func() error {
		defer stopWork()
		defer close(webClosed)
		select {
		case <-ctx.Done():
			s.board.Stop()
			i.drain(ctx, running)
		case <-running.Done():
			s.board.Stop()
		}
		return end.within(partOfRequests, func(ctx context.Context) error { return closeWeb(ctx, web) })
	})
	group.Go(func() error {
		var err error
		if i.config.UsesTLS() {
			err = web.ServeTLS(listener, i.config.TLSCert, i.config.TLSKey)
		} else {
			err = web.Serve(listener)
		}
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return fmt.Errorf("serve: %w", err)
	})
	i.logger.Info(i.config.CardMode(), "cardMode", i.cards.Mode())
	i.logger.Info("serving", "url", s.url, "version", version)
	if whenReady != nil {
		group.Go(func() error {
			until, cancel := context.WithCancel(running)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return ignoreCancelled(ctx, whenReady(until, s))
		})
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }()
	<-webClosed
	err = end.within(1, func(ctx context.Context) error {
		return bounded(ctx, "what follows the log", 4, func(context.Context) error { return <-ended })
	})
	i.logger.Info("stopped")
	return ignoreCancelled(ctx, err)
}

// watchDatabase ends the server with its private PostgreSQL: nothing else
// would start that again, and the supervisor of the server starts both.
func (i *installation) watchDatabase(ctx context.Context) error {
	select {
	case <-i.databaseEnded:
		return fault.New(fault.Unavailable, "private_database_ended", "The private PostgreSQL ended; its log in the data directory says why. Start praxis again.")
	case <-ctx.Done():
		return nil
	}
}

// ignoreCancelled turns the end that was asked for into a good end.
func ignoreCancelled(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		return nil
	}
	return err
}

// handler is the API, and in development the issuer beside it.
func (s *server) handler() (http.Handler, error) {
	verifier, ready, err := s.verifier()
	if err != nil {
		return nil, err
	}
	s.board = s.newBoard(ready)
	s.metrics.WatchParts(s.board.Look)
	api, err := httpapi.New(httpapi.Config{
		Areas:  areas.Areas(),
		Engine: s.engine, Store: s.store, Registry: s.registry, Pool: s.pool, Freshness: s.runner, Past: projections.NewPast(projections.PastConfig{Runner: s.runner, Log: s.store, Models: all.Foldables()}), LogID: s.guard.ID, Verifier: verifier, Keys: idempotency.Keys{Pool: s.pool}, Contacts: s.contacts,
		Erasure: s.erasure(), Cards: s.cardMessages(), Cursors: &cursors.Sealer{Pool: s.pool},
		Ready: s.board.Look, LogRequests: s.config.LogRequests,
		Metrics: s.metrics.Handler(), Observer: s.metrics, Logger: s.logger, Clock: now,
		MaxBody: s.config.MaxBodyBytes, Timeout: s.config.RequestTimeout, PerSecond: 2000, Burst: 4000,
		Operators: s.config.Operators, Version: version,
	})
	if err != nil {
		return nil, err
	}
	root := s.partingWith(api)
	if s.issuer != nil {
		mux := http.NewServeMux()
		mux.Handle(s.issuer.Path()+"/", s.issuer.Handler())
		mux.Handle("/", api)
		root = mux
	}
	if s.config.OTLPEndpoint == "" {
		return root, nil
	}
	return otelhttp.NewHandler(root, "http"), nil
}

// verifier trusts the configured issuer, or the development issuer on this machine.
func (s *server) verifier() (auth.Verifier, func(context.Context) error, error) {
	if !s.config.UsesDevelopmentIssuer() {
		oidc, err := auth.NewOIDC(auth.Config{Issuer: s.config.OIDCIssuer, Audience: s.config.OIDCAudience, Clock: now, Logger: s.logger})
		if err != nil {
			return nil, nil, err
		}
		return oidc, oidc.Ready, nil
	}
	if err := keepIssuerName(s.config); err != nil {
		return nil, nil, err
	}
	issuer, err := newIssuer(s.config)
	if err != nil {
		return nil, nil, err
	}
	s.issuer = issuer
	s.endpoints.Audience = s.config.OIDCAudience
	s.logger.Warn("the development issuer signs anybody on this machine in; set PRAXIS_OIDC_ISSUER in production")
	return issuer.Verifier(), func(context.Context) error { return nil }, nil
}

// partingWith closes the connections of a server that is about to end with the
// answers that it still gives: a balancer then opens new ones, to another server.
func (s *server) partingWith(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.board.IsStopping() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}
