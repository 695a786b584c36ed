package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgxpool"

	"praxis/adapters/auth"
	"praxis/adapters/collecting"
	"praxis/adapters/contacts"
	"praxis/adapters/cursors"
	"praxis/adapters/erasure"
	"praxis/adapters/idempotency"
	"praxis/adapters/readiness"
	"praxis/commands"
	"praxis/domain/es"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/internal/retry"
	"praxis/projections"
)

// Store is what the API reads from the event store itself.
type Store interface {
	// ReadStream is as in commands.Store.
	ReadStream(ctx context.Context, stream es.Stream, from es.Revision) es.Events
	// Tail returns the position of the last event of the log.
	Tail(ctx context.Context) (es.Position, error)
}

// Freshness is how queries wait for read models.
type Freshness interface {
	// WaitFor returns when the projections have seen everything up to the position.
	// Fault: "read_model_behind".
	WaitFor(ctx context.Context, position es.Position, projections ...string) error
	// Reflects says what the rows of projections reflect together, and what is missing of a
	// practice.
	Reflects(ctx context.Context, g id.Group, projections ...string) (projections.Reflection, error)
}

// Observer learns of every request and command, for metrics.
type Observer interface {
	// Request is called once per request; route is the path template, "" for
	// paths that the API does not have.
	Request(route, method string, status int, took time.Duration)
	// Command is called once per command, with the error that refused it, if any.
	Command(operation string, err error, took time.Duration)
	// Refused is called once per request that is answered with a problem.
	Refused(err error)
}

// Config is what the API needs.
type Config struct {
	// Areas answer the operations of the document, but for those of the system.
	Areas     []Handlers
	Engine    *commands.Engine
	Store     Store
	Registry  *es.Registry
	Pool      *pgxpool.Pool
	Freshness Freshness
	// Past answers lists as of a moment in the past.
	Past *projections.Past
	// LogID returns the id of the log, zero while it is not known; nil for none.
	LogID    func() id.Log
	Verifier auth.Verifier
	// Keys remember what each Idempotency-Key stands for.
	Keys idempotency.Keys
	// Contacts learn what a sign-in says of an account, and tell people's names.
	Contacts *contacts.Book
	// Erasure erases contacts.
	Erasure erasure.Erasure
	// Cards say whether money moves, and deal with the messages of the card processor.
	Cards collecting.Messages
	// Cursors seal the cursors of pages.
	Cursors *cursors.Sealer
	// Ready finds out which parts are ready.
	Ready func(context.Context) []readiness.Finding
	// Metrics serves the metrics, if set.
	Metrics  http.Handler
	Observer Observer
	Logger   *slog.Logger
	// LogRequests asks for a log line for every request; failures have one anyhow.
	LogRequests bool
	Clock       func() time.Time
	// MaxBody is the largest request body in bytes.
	MaxBody int64
	// Timeout bounds every request, waiting for read models included.
	Timeout time.Duration
	// PerSecond and Burst limit the requests of one account (or address, before
	// sign-in).
	PerSecond, Burst int
	// Operators are the subjects, as the issuer names them, who operate the installation.
	Operators []string
	// Version is the program's version, shown in the document.
	Version string
}

// Handler answers one operation.
type Handler func(*Exchange) error

// Handlers are those of an area, by operationId.
type Handlers map[string]Handler

// api is the state shared by all handlers.
type api struct {
	Config
	doc     *document
	limiter *limiter
	// failures keeps an outage from filling the log; contacts and keyChecks do so for
	// what no request fails with.
	failures            sampler
	contacts, keyChecks retry.Loop
}

// New builds the API. It fails when the document and the handlers do not name
// exactly the same operations.
func New(c Config) (http.Handler, error) {
	doc, err := loadDocument()
	if err != nil {
		return nil, err
	}
	a := &api{Config: c, doc: doc, limiter: newLimiter(c.PerSecond, c.Burst, c.Clock), failures: sampler{kinds: map[string]sample{}}}
	a.contacts = retry.Loop{What: "keeping contacts", Logger: c.Logger}
	a.keyChecks = retry.Loop{What: "checking Idempotency-Keys against other paths", Logger: c.Logger}
	// Cleaning paths would answer with redirects, which the document does not have.
	router := mux.NewRouter().SkipClean(true)
	router.NotFoundHandler = a.outer("", func(*Exchange) error { return errNoSuchPath })
	router.MethodNotAllowedHandler = a.outer("", func(x *Exchange) error {
		x.W.Header().Set("Allow", strings.Join(allowed(router, x.R), ", "))
		return errMethod
	})
	handlers := Handlers{}
	for _, area := range append(slices.Clone(c.Areas), systemHandlers()) {
		for id, h := range area {
			if handlers[id] != nil {
				return nil, fmt.Errorf("openapi: operation %s has two handlers", id)
			}
			handlers[id] = h
		}
	}
	for _, op := range sortedOperations(doc) {
		h, ok := handlers[op.id]
		if !ok {
			return nil, fmt.Errorf("openapi: operation %s has no handler", op.id)
		}
		delete(handlers, op.id)
		inner := a.checked(op, h)
		if op.needsSignIn() {
			inner = a.authenticated(inner)
		}
		methods := []string{op.method}
		if op.method == http.MethodGet {
			methods = append(methods, http.MethodHead) // net/http leaves the body out
		}
		router.Handle(op.path, a.outer(op.path, inner)).Methods(methods...).Name(op.id)
	}
	for id := range handlers {
		return nil, fmt.Errorf("openapi: handler %s has no operation", id)
	}
	if err := matchCommands(doc, commands.Declared()); err != nil {
		return nil, err
	}
	return a.readable(router), nil
}

// matchCommands makes sure that the operations that give commands, which are those
// that take an Idempotency-Key, and the commands that name an operation are the same.
// What forgetContact erases is in no aggregate.
func matchCommands(doc *document, declared []commands.Description) error {
	given := map[string]bool{"forgetContact": true}
	for _, c := range declared {
		for _, op := range []string{c.Operation, c.PatientOperation} {
			if given[op] = true; op != "" && !doc.operations[op].takesKey() {
				return fmt.Errorf("openapi: the command %s names the operation %s, which is none that takes an %s", c.Name, op, HeaderIdempotency)
			}
		}
	}
	for id, op := range doc.operations {
		if op.takesKey() && !given[id] {
			return fmt.Errorf("openapi: the operation %s takes an %s, and no command names it", id, HeaderIdempotency)
		}
	}
	return nil
}

// maxTarget is how long the target of a request may be, in bytes: several times
// what the longest parameters of the document take.
const maxTarget = 8 << 10

// readable refuses targets that would be read as something that they are not. An
// escaped slash is part of a segment; routing looks at the path unescaped and
// would take it for a separator.
func (a *api) readable(router *mux.Router) http.Handler {
	tooLong := a.outer("", func(*Exchange) error { return errTargetTooLong })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case len(r.RequestURI) > maxTarget:
			tooLong.ServeHTTP(w, r)
		case strings.Contains(strings.ToLower(r.URL.EscapedPath()), "%2f"):
			router.NotFoundHandler.ServeHTTP(w, r)
		default:
			router.ServeHTTP(w, r)
		}
	})
}

// allowed lists the methods that the path of a request knows.
func allowed(router *mux.Router, r *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch, http.MethodPost, http.MethodPut} {
		other := *r
		other.Method = method
		var match mux.RouteMatch
		if router.Match(&other, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// sortedOperations puts fixed paths before templated ones of the same shape, so
// that /charts/export never reads as a chart id.
func sortedOperations(d *document) []operation {
	return slices.SortedFunc(maps.Values(d.operations), func(a, b operation) int {
		// '{' sorts after letters, so fixed segments come first.
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
	})
}

var (
	errNoSuchPath    = fault.New(fault.NotFound, "no_such_path", "The API has no such path. GET /openapi.json lists what there is.")
	errTargetTooLong = fault.New(fault.Invalid, "target_too_long", "The path and query are longer than %d bytes. Every parameter of the document fits.", maxTarget)
	errMethod        = fault.New(fault.Invalid, "method_not_allowed", "This path does not know that method. GET /openapi.json lists what there is.")
)
