package telemetry

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// other is the label value of everything that has none of its own.
const other = "other"

// maxValues bounds the distinct values of one label. Praxis has fewer routes,
// commands, codes and projections than this.
const maxValues = 200

var (
	// nameLike is what route patterns, command names and codes look like.
	nameLike = regexp.MustCompile(`^[A-Za-z0-9_./{}:$*-]{1,120}$`)
	// idLike finds a UUID or a long number, which no name of ours holds.
	idLike = regexp.MustCompile(`[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}|[0-9]{6,}`)
)

// names bounds one label: what does not look like a name, or comes after the
// first maxValues names, shares the value "other".
type names struct {
	mu    sync.Mutex
	known map[string]struct{}
}

func (n *names) label(name string) string {
	if !nameLike.MatchString(name) || idLike.MatchString(name) {
		return other
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, isKnown := n.known[name]; isKnown {
		return name
	}
	if len(n.known) >= maxValues {
		return other
	}
	if n.known == nil {
		n.known = make(map[string]struct{})
	}
	n.known[name] = struct{}{}
	return name
}

// methodLabel keeps made-up methods of strangers out.
func methodLabel(method string) string {
	if slices.Contains([]string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}, method) {
		return method
	}
	return other
}

func statusLabel(status int) string {
	if status < 100 || status > 599 {
		return other
	}
	return strconv.Itoa(status)
}
