package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"praxis/adapters/config"
	"praxis/adapters/devissuer"
	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/bench/lives"
	"praxis/domain/fault"
	"praxis/domain/id"
	"praxis/domain/pricing"
)

// scale measures one large installation: a log of many events, filled read models, and
// a server of its own process on them.
type scale struct {
	config   config.Config
	events   int
	plans    string
	progress func(format string, args ...any)
	issuer   *devissuer.Issuer
	state    scaleState
	rows     []bench.Row
}

// scaleState remembers in the data directory what was written there.
type scaleState struct {
	Events int `json:"events"`
	// Began is when the patients of all practices were taken on, UTC.
	Began time.Time `json:"began"`
	// Written is how many events the log got; 0 while it is not whole.
	Written int `json:"written"`
}

const (
	scaleFile = "scale.json"
	// smallGroups stand beside the large one, which is number 0; people of the first
	// loadedGroups sign in.
	smallGroups, loadedGroups = 200, 50
)

func newScale(c *cobra.Command, cfg config.Config, events int, plans string) (*scale, error) {
	s := &scale{config: cfg, events: events, plans: plans, progress: func(format string, args ...any) { fmt.Fprintf(c.ErrOrStderr(), format+"\n", args...) }}
	raw, err := os.ReadFile(filepath.Join(cfg.DataDir, scaleFile))
	switch {
	case errors.Is(err, os.ErrNotExist):
		s.state = scaleState{Events: events, Began: now().Truncate(24*time.Hour).AddDate(0, 0, -10).Add(9 * time.Hour)}
	case err != nil:
		return nil, fmt.Errorf("read what was written: %w", err)
	default:
		if err := json.Unmarshal(raw, &s.state); err != nil {
			return nil, fmt.Errorf("read what was written: %w", err)
		}
	}
	if s.state.Events != events {
		return nil, fault.New(fault.Invalid, "other_scale", "This directory was written for %d events. Ask for as many, or name another directory.", s.state.Events)
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := keepIssuerName(cfg); err != nil {
		return nil, err
	}
	people := []devissuer.Person{{Subject: "owner"}, {Subject: "clinician"}, {Subject: "manager"}, {Subject: "patient"}}
	for n := 1; n <= loadedGroups; n++ {
		people = append(people, devissuer.Person{Subject: ownerOf(n)})
	}
	s.issuer, err = newIssuerOf(cfg, people)
	return s, err
}

func ownerOf(practice int) string { return fmt.Sprintf("owner-%d", practice) }

// account is that of somebody who signs in.
func (s *scale) account(ctx context.Context, subject string) (id.Account, error) {
	token, err := s.issuer.Token(subject)
	if err != nil {
		return id.Account{}, err
	}
	who, err := s.issuer.Verifier().Verify(ctx, token)
	return who.Account, err
}

// shape is what the n-th practice is like: the large one has four fifths of all events.
// From a million events on it has 500 members and a chart for every ten events.
func (s *scale) shape(ctx context.Context, n int) (lives.Shape, error) {
	signsIn := map[int]string{0: ownerOf(n)}
	shape := lives.Shape{
		Clinicians: 5, Charts: max(1, s.events/250_000) * 5, Visits: 7, Months: 6, Days: 180, Plan: pricing.TherapistPremium, Began: s.state.Began,
	}
	if n > loadedGroups {
		signsIn = nil
	}
	if n == 0 {
		members := min(500, max(50, s.events/2_000))
		shape.Managers, shape.Assistants = members/8, members/12
		shape.Clinicians = members - shape.Managers - shape.Assistants
		shape.Charts, shape.Visits, shape.Months, shape.Days, shape.Invited = s.events/10/shape.Clinicians*shape.Clinicians, 1, 24, 700, 60
		signsIn = map[int]string{0: "owner", 1: "clinician", shape.Clinicians: "manager"}
		var err error
		if shape.Patient, err = s.account(ctx, "patient"); err != nil {
			return shape, err
		}
	}
	accounts := map[int]id.Account{}
	for member, subject := range signsIn {
		account, err := s.account(ctx, subject)
		if err != nil {
			return shape, err
		}
		accounts[member] = account
	}
	g := lives.Group(n)
	shape.Account = func(member int) id.Account {
		if account, signsIn := accounts[member]; signsIn {
			return account
		}
		return lives.Named[id.Account](g, "account", member)
	}
	return shape, nil
}

// add keeps a row and tells of it.
func (s *scale) add(r bench.Row) {
	s.rows = append(s.rows, r)
	s.progress("%s: p50 %s, p95 %s, %.0f/s", r.What, r.P50.Round(10*time.Microsecond), r.P95.Round(10*time.Microsecond), r.PerSecond)
}

// run writes what is not there yet, and measures.
func (s *scale) run(ctx context.Context) ([]bench.Row, error) {
	if err := s.fill(ctx); err != nil {
		return nil, err
	}
	if err := s.serves(ctx, s.settle); err != nil {
		return nil, err
	}
	var slow []answered
	err := s.serves(ctx, func(ctx context.Context, p *serving) (err error) {
		s.add(p.started)
		if slow, err = s.lists(ctx, p); err != nil {
			return err
		}
		if err := s.mixed(ctx, p); err != nil {
			return err
		}
		s.memory(p)
		return s.explain(ctx, slow)
	})
	return s.rows, err
}
