package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"praxis/cmd/praxis/bench"
	"praxis/cmd/praxis/bench/lives"
)

const (
	mixedClients = 16
	mixedTime    = 20 * time.Second
)

// mixed sends what people of the small practices do all day, from many clients at
// once: seven questions for three commands.
func (s *scale) mixed(ctx context.Context, p *serving) error {
	var clients []*mixedClient
	for n := range mixedClients {
		c := &mixedClient{serving: p}
		for practice := n + 1; practice <= loadedGroups; practice += mixedClients {
			token, err := s.issuer.Token(ownerOf(practice))
			if err != nil {
				return err
			}
			c.practices, c.tokens = append(c.practices, practice), append(c.tokens, token)
		}
		clients = append(clients, c)
	}
	together := func(during time.Duration) (took []time.Duration, whole time.Duration, err error) {
		var group errgroup.Group
		start := time.Now()
		for _, c := range clients {
			c.took = nil
			group.Go(func() error {
				for time.Since(start) < during {
					if err := c.next(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
		err = group.Wait()
		whole = time.Since(start)
		for _, c := range clients {
			took = append(took, c.took...)
		}
		return took, whole, err
	}
	// The first requests fold each practice from its beginning.
	if _, _, err := together(mixedTime / 5); err != nil {
		return err
	}
	took, whole, err := together(mixedTime)
	if err != nil {
		return err
	}
	row := bench.Of(fmt.Sprintf("%d mixed clients in %d practices", mixedClients, loadedGroups), took, whole)
	row.Target, row.Met = "≥ 600/s, p99 < 100 ms", met(row.PerSecond >= 600 && row.P99 < 100*time.Millisecond)
	s.add(row)
	return nil
}

// mixedClient does one thing after the other, in one of its practices after the other.
type mixedClient struct {
	*serving
	practices []int
	tokens    []string
	n         int
	took      []time.Duration
}

func (c *mixedClient) next(ctx context.Context) error {
	which := c.n % len(c.practices)
	step := c.n / len(c.practices)
	c.n++
	method, target, body := mixedStep(c.practices[which], step)
	begin := time.Now()
	status, answer, err := c.send(ctx, c.tokens[which], method, target, body)
	if err != nil {
		return err
	}
	c.took = append(c.took, time.Since(begin))
	if status != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %s", method, target, status, answer)
	}
	return nil
}

// mixedStep is what happens in a practice at a step.
func mixedStep(practice, step int) (method, target, body string) {
	g := lives.Group(practice)
	owner, chart := lives.Member(g, 0), lives.Chart(g, 0, 0)
	all := "/v1/groups/" + g.String()
	one := all + "/charts/" + chart.String()
	switch step % 10 {
	case 0:
		return http.MethodGet, all + "/charts", ""
	case 1:
		return http.MethodGet, all + "/charts?search=mia", ""
	case 2:
		return http.MethodPut, one + "/status", fmt.Sprintf(`{"status":%q}`, toggle(step/10).To)
	case 3:
		return http.MethodGet, one, ""
	case 4:
		return http.MethodGet, all + "/billing/history", ""
	case 5:
		payment := fmt.Sprintf(`{"amount":{"minor":%d,"currency":"USD"},"method":"cash","receivedOn":"2026-01-05"}`, step+1)
		return http.MethodPost, one + "/payments?clinician=" + owner.String(), payment
	case 6:
		return http.MethodGet, all + "/billing/invoices", ""
	case 7:
		return http.MethodGet, all + "/appointments", ""
	case 8:
		return http.MethodPut, one + "/demographics", fmt.Sprintf(`{"familyName":"Loveford","givenName":"Mia","phone":"555 %04d"}`, step%10_000)
	default:
		return http.MethodGet, all + "/members", ""
	}
}
