package httpapi

import (
	"net"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"praxis/domain/fault"
)

// limiter gives every key its own token bucket. Old keys are forgotten, so a
// flood of addresses cannot fill the memory.
type limiter struct {
	buckets   *lru.Cache[string, *rate.Limiter]
	perSecond rate.Limit
	burst     int
	clock     func() time.Time
}

func newLimiter(perSecond, burst int, clock func() time.Time) *limiter {
	buckets, err := lru.New[string, *rate.Limiter](100_000)
	if err != nil {
		panic(err) // Only a size below 1 fails.
	}
	return &limiter{buckets, rate.Limit(perSecond), burst, clock}
}

var errTooMany = fault.New(fault.TooMany, "rate_limited", "Too many requests at once. Wait a second and repeat.")

// allow takes one token of the key's bucket. Fault: "rate_limited".
func (l *limiter) allow(key string) error {
	bucket, ok := l.buckets.Get(key)
	if !ok {
		bucket = rate.NewLimiter(l.perSecond, l.burst)
		if earlier, raced, _ := l.buckets.PeekOrAdd(key, bucket); raced {
			bucket = earlier
		}
	}
	if !bucket.AllowN(l.clock(), 1) {
		return errTooMany
	}
	return nil
}

// remoteHost is the peer's address without its port.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
