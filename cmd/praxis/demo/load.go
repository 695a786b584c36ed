package demo

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Workers is how many requests the demo keeps under way.
const Workers = 8

// Zone is the practice's time zone.
const Zone = "America/New_York"

// Loader loads the demo. Everything is sent under keys of its own, so loading
// twice, or going on after a crash, gives the same practice.
type Loader struct {
	Client *Client
	// Today is the day that the demo's dates count from.
	Today time.Time
	// Progress is called with how many commands of how many are done.
	Progress func(done, total int)

	plan    plan
	done    atomic.Int64
	members map[string]string
	// places are the branches' ids by the names that the plan uses.
	places map[string]string
	types  []string

	mu      sync.Mutex
	summary Summary
}

// Summary is where to look once the demo is loaded.
type Summary struct {
	Group string
	// Members are the ids of the members by their subject at the issuer.
	Members map[string]string
	// Chart is Pat Quill's, whose primary is Carla; Type is an appointment type.
	Chart, Type string
	// Position is that of the last command.
	Position string
}

// Load loads everything and says where to look.
func (l *Loader) Load(ctx context.Context) (Summary, error) {
	l.plan, l.members = newPlan(l.Today), map[string]string{}
	for _, stage := range []func(context.Context) error{l.loadPractice, l.loadPeople, l.loadPermissions, l.loadSubscription, l.loadBooking, l.loadCharts} {
		if err := stage(ctx); err != nil {
			return Summary{}, err
		}
	}
	l.summary.Members, l.summary.Type = l.members, l.types[0]
	return l.summary, nil
}

// command sends one command of the demo; its key names it.
func (l *Loader) command(ctx context.Context, as, method, path, key string, body any) (string, error) {
	r, err := l.Client.command(ctx, as, method, path, "demo/"+key, body)
	if err != nil {
		return "", err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if later(r.Position, l.summary.Position) {
		l.summary.Position = r.Position
	}
	l.Progress(int(l.done.Add(1)), l.plan.commands())
	return r.ID, nil
}

// later reports whether position a lies after b; both are decimal.decimal.
func later(a, b string) bool {
	var ac, ap, bc, bp uint64
	if _, err := fmt.Sscanf(a, "%d.%d", &ac, &ap); err != nil {
		return false
	}
	if _, err := fmt.Sscanf(b, "%d.%d", &bc, &bp); err != nil {
		return true
	}
	return ac > bc || ac == bc && ap > bp
}

// object is a JSON object on its way out.
type object map[string]any

func (l *Loader) path(format string, args ...any) string {
	return "/v1/groups/" + l.summary.Group + fmt.Sprintf(format, args...)
}

func (l *Loader) loadPractice(ctx context.Context) error {
	g, err := l.command(ctx, owner.Subject, http.MethodPost, "/v1/groups", "group", object{
		"name": "Harbor Psychiatry", "billingZone": Zone, "currency": "USD", "branchName": "Main Street",
	})
	if err != nil {
		return err
	}
	l.summary.Group = g
	if _, err := l.command(ctx, owner.Subject, http.MethodPatch, l.path(""), "info", object{
		"phone": "555-0100", "website": "https://harbor.example", "line1": "12 Main Street", "city": "Harbor", "country": "US",
	}); err != nil {
		return err
	}
	_, err = l.command(ctx, owner.Subject, http.MethodPost, l.path("/branches"), "branch/riverside", object{"name": "Riverside"})
	return err
}

// loadPeople invites everybody and lets them accept, one after the other,
// because managers and assistants are invited for clinicians who are there.
func (l *Loader) loadPeople(ctx context.Context) error {
	var err error
	if l.places, err = l.branches(ctx); err != nil {
		return err
	}
	for _, p := range staff() {
		var clinicians []string
		for _, subject := range p.clinicians {
			clinicians = append(clinicians, l.members[subject])
		}
		invitation := object{"email": p.Email, "role": p.role, "clinician": p.isClinician, "branches": []string{l.places[p.branch]}}
		if clinicians != nil {
			invitation["clinicians"] = clinicians
		}
		i, err := l.command(ctx, owner.Subject, http.MethodPost, l.path("/invitations"), "invite/"+p.Subject, invitation)
		if err != nil {
			return err
		}
		if _, err := l.command(ctx, p.Subject, http.MethodPost, l.path("/invitations/%s/accept", i), "accept/"+p.Subject, nil); err != nil {
			return err
		}
		var me struct {
			Member string `json:"member"`
		}
		if err := l.Client.get(ctx, p.Subject, "/v1/me", "", &me); err != nil {
			return err
		}
		l.members[p.Subject] = me.Member
	}
	var me struct {
		Member string `json:"member"`
	}
	if err := l.Client.get(ctx, owner.Subject, "/v1/me", "", &me); err != nil {
		return err
	}
	l.members[owner.Subject] = me.Member
	// Somebody has not answered yet: their invitation is open, and its mail was sent.
	_, err = l.command(ctx, owner.Subject, http.MethodPost, l.path("/invitations"), "invite/nora", object{
		"email": "nora@harbor.example", "role": "assistant", "branches": []string{l.places["main"]}, "clinicians": []string{l.members["david"]},
	})
	return err
}

// loadPermissions sets what the owner allows beyond the matrix, and denies.
func (l *Loader) loadPermissions(ctx context.Context) error {
	for _, p := range permissions() {
		path := l.path("/roles/%s/permissions/%s", p.whose, p.capability)
		if member, isMember := l.members[p.whose]; isMember {
			path = l.path("/members/%s/permissions/%s", member, p.capability)
		}
		if _, err := l.command(ctx, owner.Subject, http.MethodPut, path, "permission/"+p.whose+"/"+p.capability, object{"effect": p.effect, "scope": p.scope}); err != nil {
			return err
		}
	}
	return nil
}

// branches returns the ids of the branches by the names that the plan uses.
func (l *Loader) branches(ctx context.Context) (map[string]string, error) {
	var g struct {
		Branches []struct {
			ID      string `json:"id"`
			Default bool   `json:"default"`
		} `json:"branches"`
	}
	if err := l.Client.get(ctx, owner.Subject, l.path(""), "", &g); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, b := range g.Branches {
		name := "riverside"
		if b.Default {
			name = "main"
		}
		ids[name] = b.ID
	}
	return ids, nil
}

// branchOf is the branch in which a member works.
func (l *Loader) branchOf(subject string) string {
	for _, p := range staff() {
		if p.Subject == subject {
			return l.places[p.branch]
		}
	}
	return ""
}

// permission is one thing that the owner allows beyond the matrix, or denies.
type permission struct{ effect, whose, capability, scope string }

func permissions() []permission {
	return []permission{
		{"allow", "olivia", "chart.create", "group"},
		{"allow", "user", "patient_billing.manage", "own"},
		{"allow", "manager", "patient_billing.manage", "managed"},
		{"allow", "manager", "chart.create", "managed"},
		{"allow", "sam", "chart.assign_clinician", "group"},
		{"allow", "sam", "patient_billing.view", "group"},
		{"allow", "alex", "roster.view", "assists"},
		{"allow", "alex", "appointment.manage", "assists"},
		{"allow", "alex", "slots.view", "assists"},
		{"allow", "sam", "subscription.manage", "group"},
		{"allow", "user", "roster.export", "own"},
		{"allow", "manager", "roster.export", "managed"},
		{"deny", denied.Subject, deniedCapability, "group"},
	}
}

// each runs f for every index with a bounded number of workers.
func each(ctx context.Context, n int, f func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(Workers)
	for i := range n {
		group.Go(func() error { return f(ctx, i) })
	}
	return group.Wait()
}
