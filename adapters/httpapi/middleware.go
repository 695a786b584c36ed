package httpapi

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"

	"praxis/adapters/auth"
	"praxis/adapters/postgres"
	"praxis/domain/fault"
	"praxis/projections"
)

// recorder remembers the status that was written.
type recorder struct {
	http.ResponseWriter
	status int
	// before, if set, is called once before anything but a refusal leaves; withheld is the
	// error with which it kept that from leaving.
	before   func() error
	withheld error
}

// mayLeave reports whether an answer of the status may leave.
func (r *recorder) mayLeave(status int) bool {
	if before := r.before; before != nil && status < http.StatusBadRequest && r.withheld == nil {
		r.before = nil
		r.withheld = before()
	}
	return r.withheld == nil
}

func (r *recorder) WriteHeader(status int) {
	if !r.mayLeave(status) {
		return
	}
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if !r.mayLeave(cmp.Or(r.status, http.StatusOK)) {
		return 0, r.withheld
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// refuse lets the problem leave that stands for an answer that was withheld.
func (r *recorder) refuse() {
	r.before, r.withheld = nil, nil
	for _, name := range []string{"ETag", "Content-Disposition", "Content-Length", "Repr-Digest"} {
		r.Header().Del(name)
	}
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// outer wraps every request: request id, deadline, headers, a log line where one is
// due, one metric, panics and errors turned into problems. route is the path template;
// paths with ids in them never reach logs or metrics.
func (a *api) outer(route string, h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.Clock()
		ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
		defer cancel()
		rec := &recorder{ResponseWriter: w}
		x := &Exchange{API: a, W: rec, R: r.WithContext(ctx), requestID: requestID(r), From: projections.Live(a.Pool)}
		defer x.close()
		securityHeaders(rec.Header())
		rec.Header().Set("X-Request-Id", x.requestID)
		err := guarded(x, h)
		if rec.withheld != nil {
			err = rec.withheld
		}
		err = postgres.Translate(err)
		if err != nil {
			rec.refuse()
			a.fail(x, err)
		}
		took := a.Clock().Sub(start)
		method := loggable(r.Method)
		a.Observer.Request(route, method, rec.status, took)
		unlogged, isNews := 0, a.LogRequests
		level := slog.LevelInfo
		if err != nil && rec.status >= http.StatusInternalServerError {
			level = slog.LevelError
			var isSampled bool
			unlogged, isSampled = a.failures.take(err, start)
			isNews = isNews || isSampled
		}
		if !isNews {
			return
		}
		attrs := []slog.Attr{
			slog.String("method", method), slog.String("route", route), slog.Int("status", rec.status),
			slog.Duration("took", took), slog.String("request", x.requestID),
		}
		if err != nil {
			attrs = append(attrs, slog.String("code", fault.From(err).Code))
		}
		if level == slog.LevelError {
			attrs = append(attrs, slog.Any("error", err))
		}
		if unlogged > 0 {
			attrs = append(attrs, slog.Int("unlogged", unlogged))
		}
		a.Logger.LogAttrs(ctx, level, "request", attrs...)
	})
}

// loggable returns a method if HTTP has it: any word can be sent as one.
func loggable(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// guarded runs h; a panic becomes an internal error instead of a dead server.
func guarded(x *Exchange, h Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			caught := fault.Recovered(p)
			x.API.Logger.ErrorContext(x.Ctx(), "panic", "request", x.requestID, "cause", caught.Value, "stack", caught.Stack)
			err = fault.New(fault.Internal, "internal", "Something went wrong on our side; quote the request id when you report it.").Because(caught)
		}
	}()
	return h(x)
}

// fail writes the problem unless an answer has already begun.
func (a *api) fail(x *Exchange, err error) {
	if x.W.status != 0 {
		a.Logger.ErrorContext(x.Ctx(), "answer broke off", "request", x.requestID, "error", err)
		return
	}
	for _, name := range reflecting { // A problem reflects nothing.
		x.W.Header().Del(name)
	}
	isOver := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	if isOver && fault.KindOf(err) == fault.Internal {
		err = fault.New(fault.Unavailable, "timed_out", "The answer took too long. Try again; repeat commands with the same Idempotency-Key.").Because(err)
	}
	a.Observer.Refused(err)
	writeProblem(x.W, problemOf(err, x.requestID))
}

// authenticated lets only requests with a trusted token through, and limits
// how many one account may send.
func (a *api) authenticated(h Handler) Handler {
	return func(x *Exchange) error {
		token, err := auth.FromHeader(x.R.Header)
		if err == nil {
			x.principal, err = a.Verifier.Verify(x.Ctx(), token)
		}
		if err != nil {
			// Only failures count against an address: a whole practice may share one.
			return cmp.Or(a.limiter.allow("address:"+remoteHost(x.R)), err)
		}
		if err := a.limiter.allow("account:" + x.principal.Account.String()); err != nil {
			return err
		}
		a.remember(x)
		return h(x)
	}
}

// remember tells the contacts who is asking. No request fails because of it.
func (a *api) remember(x *Exchange) {
	who := x.principal
	if err := a.Contacts.Remember(x.Ctx(), who.Account, who.Email, who.Name, a.Clock()); err != nil {
		a.contacts.Failed(err.Error())
		return
	}
	a.contacts.Worked()
}

// checked holds the request to its operation in the document.
func (a *api) checked(op operation, h Handler) Handler {
	c := contract{doc: a.doc, op: op, maxBody: min(a.MaxBody, op.maxBody())}
	return func(x *Exchange) error {
		body, err := c.check(x.W, x.R)
		if err != nil {
			return err
		}
		x.operation, x.body = op.id, body
		x.watch(op)
		if x.Cursor, err = x.opened(); err != nil {
			return err
		}
		return h(x)
	}
}

func securityHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// requestID takes the caller's id when it is a UUID, so that traces join up,
// and makes one otherwise: nothing unchecked reaches logs or events.
func requestID(r *http.Request) string {
	if given, err := uuid.Parse(r.Header.Get("X-Request-Id")); err == nil {
		return given.String()
	}
	if span := trace.SpanContextFromContext(r.Context()); span.HasTraceID() {
		id := span.TraceID()
		return uuid.UUID(id).String()
	}
	return uuid.NewString()
}
