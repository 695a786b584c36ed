package auth

import (
	"context"
	"crypto"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"praxis/internal/retry"
)

const (
	// keysMaxAge is how long fetched keys are used without asking again, so that
	// a key the issuer withdraws stops being trusted.
	keysMaxAge = 10 * time.Minute
	// keysMaxStale is how long keys outlive an issuer that has gone away.
	keysMaxStale = time.Hour
	// refetchPause is the least time between two fetches, so that tokens with
	// made-up key ids cannot make us flood the issuer.
	refetchPause = 10 * time.Second
	// retryPause is the same while there are no keys at all: an issuer that comes up is noticed soon.
	retryPause = time.Second
)

// remoteKeys is the issuer's key set, fetched when first needed, kept, renewed
// when it is old or when a token names a key it lacks.
type remoteKeys struct {
	issuer string
	client *http.Client
	clock  func() time.Time
	logger *slog.Logger
	loop   retry.Loop

	// fetching holds one permit: the goroutine with it talks to the issuer.
	fetching chan struct{}

	mu        sync.Mutex
	keys      keySet
	fetchedAt time.Time
	// skew is how far the issuer's clock was ahead of ours; negative where ours was.
	skew      time.Duration
	nextFetch time.Time
	lastError error
}

// find returns the keys that may have signed a token with this key id.
func (r *remoteKeys) find(ctx context.Context, keyID string) ([]crypto.PublicKey, error) {
	found, isFresh := r.cached(ctx, keyID)
	if isFresh && len(found) > 0 {
		return found, nil
	}
	if err := r.refresh(ctx, keyID, len(found) == 0); err != nil {
		return nil, err
	}
	if found, _ = r.cached(ctx, keyID); len(found) > 0 {
		return found, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// After a failed fetch it is unknown whether the key is the issuer's;
	// after a successful one, it is not.
	return nil, r.lastError
}

// cached returns the cached keys with this key id, and whether they are young enough to be used without asking.
func (r *remoteKeys) cached(ctx context.Context, keyID string) ([]crypto.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	age := r.clock().Sub(r.fetchedAt)
	if age >= keysMaxStale {
		return nil, false
	}
	found, _ := r.keys.find(ctx, keyID) // a fixed list cannot fail
	return found, age < keysMaxAge
}

// refresh fetches the keys, unless somebody just did. Callers who must wait for
// a fetch that is under way share its result; one whose context ends first
// returns its error. The others have old keys to go on with.
func (r *remoteKeys) refresh(ctx context.Context, keyID string, mustWait bool) error {
	select {
	case r.fetching <- struct{}{}:
	default:
		if !mustWait {
			return nil
		}
		select {
		case r.fetching <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-r.fetching }()
	if found, isFresh := r.cached(ctx, keyID); isFresh && len(found) > 0 {
		return nil
	}
	if !r.isDue() {
		return nil
	}
	// A caller who hangs up must not spoil the fetch for those who wait.
	keys, date, err := fetchKeys(context.WithoutCancel(ctx), r.client, r.issuer)

	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	if err != nil {
		r.loop.Failed(err.Error())
		r.lastError, r.nextFetch = err, now.Add(retryPause)
		if len(r.keys) > 0 {
			r.nextFetch = now.Add(refetchPause)
		}
		return nil
	}
	r.loop.Worked()
	r.logger.InfoContext(ctx, "sign-in keys fetched", "issuer", r.issuer, "keys", len(keys))
	r.skew = 0
	if !date.IsZero() {
		r.skew = date.Sub(now)
	}
	r.keys, r.fetchedAt, r.nextFetch, r.lastError = keys, now, now.Add(refetchPause), nil
	return nil
}

// isDue reports whether the pause since the last fetch is over.
func (r *remoteKeys) isDue() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.clock().Before(r.nextFetch)
}
