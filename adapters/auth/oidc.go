package auth

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"praxis/domain/fault"
	"praxis/internal/retry"
)

// Config says which issuer is trusted.
type Config struct {
	// Issuer is what the iss claim must be, the issuer's URL exactly as its discovery
	// document spells it: https, except on a loopback host.
	Issuer string
	// Audience is what the aud claim of every token must contain.
	Audience string
	// Client makes the requests to the issuer; http.DefaultClient where nil.
	// Redirects are never followed.
	Client *http.Client
	// Clock tells the time that exp, nbf and the age of keys are judged by.
	Clock func() time.Time
	// Logger gets one line per fetch of keys; slog.Default() where nil.
	Logger *slog.Logger
}

// OIDC checks tokens against an OpenID Connect issuer on the network. It is safe
// for concurrent use.
type OIDC struct {
	*checker
	remote *remoteKeys
}

// NewOIDC returns a verifier without talking to the issuer: its keys are fetched
// when first needed, so that the server starts while the issuer is away.
func NewOIDC(c Config) (*OIDC, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	client := *c.Client
	// A redirect could lead from https to anywhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	remote := &remoteKeys{
		issuer: c.Issuer, client: &client, clock: c.Clock, logger: c.Logger,
		loop:     retry.Loop{What: "fetching the sign-in keys", Logger: c.Logger, Attrs: []any{"issuer", c.Issuer}},
		fetching: make(chan struct{}, 1),
	}
	return &OIDC{checker: newChecker(c, remote), remote: remote}, nil
}

// Ready returns nil when tokens can be checked, else ErrIssuerUnavailable with
// the reason as its cause. It fetches the keys when there are none yet. Where a clock
// seems to be wrong, so that tokens are refused that should be good or the other way
// around, it returns the fault "clock_differs".
func (o *OIDC) Ready(ctx context.Context) error {
	if _, err := o.remote.find(ctx, ""); err != nil {
		return ErrIssuerUnavailable.Because(err)
	}
	o.remote.mu.Lock()
	skew := o.remote.skew
	o.remote.mu.Unlock()
	ahead := time.Duration(o.ahead.Load())
	switch {
	case ahead > 0 && skew > leeway:
		return clockDiffers("refuses tokens as not yet valid, the last one by %s: it is %s behind the clock of the sign-in service", ahead, skew)
	case ahead > 0:
		return clockDiffers("refuses tokens as not yet valid, the last one by %s", ahead)
	case skew > leeway:
		return clockDiffers("is %s behind the clock of the sign-in service", skew)
	case skew < -leeway:
		return clockDiffers("is %s ahead of the clock of the sign-in service", -skew)
	}
	return nil
}

// clockDiffers says how the clocks differ, in whole seconds.
func clockDiffers(how string, by ...time.Duration) error {
	args := make([]any, len(by))
	for i, d := range by {
		args[i] = d.Round(time.Second)
	}
	return fault.New(fault.Unavailable, "clock_differs", "The clock of this server "+how+". Set the clock that is wrong, and let it be kept right (NTP).", args...)
}

var _ Verifier = (*OIDC)(nil)
