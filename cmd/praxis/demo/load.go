package demo

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"praxis/domain/es"
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

	// rehearses has the commands counted and none of them sent.
	rehearses bool
	total     int

	plan plan
	// practice is the path of the practice below that of all.
	practice string
	members  map[string]string
	// places are the branches' ids by the names that the plan uses, and homes those in
	// which the members work.
	places, homes map[string]string
	types         []string

	mu      sync.Mutex
	done    int
	last    es.Position
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
	rehearsal := Loader{Today: l.Today, rehearses: true}
	if err := rehearsal.run(ctx); err != nil {
		return Summary{}, err
	}
	l.total = rehearsal.done
	if err := l.run(ctx); err != nil {
		return Summary{}, err
	}
	l.summary.Members, l.summary.Type, l.summary.Position = l.members, l.types[0], l.last.String()
	return l.summary, nil
}

func (l *Loader) run(ctx context.Context) error {
	l.plan, l.members, l.homes = newPlan(l.Today), map[string]string{}, map[string]string{}
	s := &script{Loader: l, ctx: ctx}
	s.loadGroup()
	s.loadPeople()
	s.loadPermissions()
	s.loadSubscription()
	s.loadBooking()
	s.loadCharts()
	return s.err
}

// command sends one command of the demo; its key names it.
func (l *Loader) command(ctx context.Context, as, method, path, key string, body any) (string, error) {
	var r receipt
	if !l.rehearses {
		var err error
		if r, err = l.Client.command(ctx, as, method, path, "demo/"+key, body); err != nil {
			return "", err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	if !l.rehearses {
		if l.last.Before(r.Position.Position) {
			l.last = r.Position.Position
		}
		l.Progress(l.done, l.total)
	}
	return r.ID, nil
}

// script is one course of commands. With the first that fails it is over: the rest is
// not sent, and err says why.
type script struct {
	*Loader
	ctx context.Context
	err error
}

// object is a JSON object on its way out.
type object map[string]any

// send sends a command about the practice, below whose address path lies, and returns
// the id of what it made.
func (s *script) send(as, method, path, key string, body any) (id string) {
	if s.err == nil {
		id, s.err = s.command(s.ctx, as, method, "/v1/groups"+path, key, body)
	}
	return id
}

func (s *script) ask(as, path string, answer any) {
	if s.err == nil && !s.rehearses {
		s.err = s.Client.get(s.ctx, as, path, "", answer)
	}
}

// identity is who somebody is.
type identity struct {
	Account string `json:"account"`
	Member  string `json:"member"`
}

func (s *script) me(subject string) (me identity) {
	s.ask(subject, "/v1/me", &me)
	return me
}

// each runs a script of its own for every index, with a bounded number of workers.
func (s *script) each(n int, f func(*script, int)) {
	if s.err != nil {
		return
	}
	group, ctx := errgroup.WithContext(s.ctx)
	group.SetLimit(Workers)
	for i := range n {
		group.Go(func() error {
			own := &script{Loader: s.Loader, ctx: ctx}
			f(own, i)
			return own.err
		})
	}
	s.err = group.Wait()
}
