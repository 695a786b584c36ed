package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// client is one of those who keep a practice busy: it opens charts, moves them
// between clinicians, bills, takes payments and books, on things of its own and
// on things that all clients fight over.
type client struct {
	correspondent
	practice *practice
	random   *rand.Rand
	number   int
	// shared are charts that every client works on; own are this client's.
	shared, own []string
	ledgers     []*bills
	booked      []booked
	bookings    [2]int
	today       time.Time
}

// ledger names the money between a patient and a clinician.
type ledger struct{ chart, clinician string }

// bills are what the client has put into a ledger and not yet carried on with.
type bills struct {
	ledger
	charges, drafts []string
	// refused are the drafts whose issue was refused. It may have been refused on its
	// second attempt, when the first had got the number of the invoice already.
	refused []string
}

// booked is an appointment of this client's.
type booked struct{ clinician, chart, id string }

// run sends commands until isOver, and returns with every one of them answered.
func (c *client) run(ctx context.Context, isOver *atomic.Bool) error {
	actions := []func(context.Context) error{
		c.openChart, c.assign, c.changeStatus, c.charge, c.charge, c.charge, c.draft, c.issue, c.issue,
		c.pay, c.pay, c.reserve, c.bookDistinct, c.bookContended, c.bookContended, c.cancel,
	}
	for !isOver.Load() {
		if err := actions[c.random.IntN(len(actions))](ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) owner() *person { return c.practice.people["olivia"] }

func (c *client) anyClinician() string { return clinicians[c.random.IntN(len(clinicians))] }

// anyChart is one of everybody's charts or of the client's own.
func (c *client) anyChart() string {
	n := c.random.IntN(len(c.shared) + len(c.own))
	if n < len(c.shared) {
		return c.shared[n]
	}
	return c.own[n-len(c.shared)]
}

func (c *client) openChart(ctx context.Context) error {
	body := c.practice.newChart(fmt.Sprintf("Client %d Number %d", c.number, len(c.own)), c.anyClinician())
	p, err := c.send(ctx, c.owner(), "open chart", http.MethodPost, c.practice.path("/charts"), body)
	if err == nil && p.refusal == "" {
		c.own = append(c.own, p.receipt.ID)
	}
	return err
}

func (c *client) assign(ctx context.Context) error {
	body := object{"clinician": c.practice.members[c.anyClinician()]}
	_, err := c.send(ctx, c.owner(), "assign clinician", http.MethodPut, c.practice.path("/charts/%s/primary", c.anyChart()), body)
	return err
}

func (c *client) changeStatus(ctx context.Context) error {
	body := object{"status": []string{"active", "inactive"}[c.random.IntN(2)]}
	_, err := c.send(ctx, c.owner(), "change status", http.MethodPut, c.practice.path("/charts/%s/status", c.anyChart()), body)
	return err
}

// anyLedger is a ledger of one of the charts.
func (c *client) anyLedger() *bills {
	l := ledger{chart: c.anyChart(), clinician: c.anyClinician()}
	for _, b := range c.ledgers {
		if b.ledger == l {
			return b
		}
	}
	b := &bills{ledger: l}
	c.ledgers = append(c.ledgers, b)
	return b
}

// bookkeeper is the owner, or the clinician whose money it is.
func (c *client) bookkeeper(l ledger) *person {
	if c.random.IntN(2) == 0 {
		return c.owner()
	}
	return c.practice.people[l.clinician]
}

func (c *client) billing(l ledger, format string, args ...any) string {
	return c.practice.path("/charts/%s/%s?clinician=%s", l.chart, fmt.Sprintf(format, args...), c.practice.members[l.clinician])
}

func (c *client) charge(ctx context.Context) error {
	b := c.anyLedger()
	p, err := c.send(ctx, c.bookkeeper(b.ledger), "record charge", http.MethodPost, c.billing(b.ledger, "charges"), object{
		"serviceDate": c.today.Format(time.DateOnly), "code": "90834", "units": 1,
		"unitPrice": object{"minor": 1000 + c.random.IntN(20000), "currency": "USD"},
	})
	if err == nil && p.refusal == "" {
		b.charges = append(b.charges, p.receipt.ID)
	}
	return err
}

// draft puts the charges of some ledger on an invoice.
func (c *client) draft(ctx context.Context) error {
	for _, b := range c.ledgers {
		if len(b.charges) == 0 {
			continue
		}
		p, err := c.send(ctx, c.bookkeeper(b.ledger), "draft invoice", http.MethodPost, c.billing(b.ledger, "invoices"), object{
			"date": c.today.Format(time.DateOnly), "terms": "net_30", "charges": b.charges,
		})
		if err == nil && p.refusal == "" {
			b.charges, b.drafts = nil, append(b.drafts, p.receipt.ID)
		}
		return err
	}
	return nil
}

func (c *client) issue(ctx context.Context) error {
	for _, b := range c.ledgers {
		if len(b.drafts) == 0 {
			continue
		}
		draft := b.drafts[0]
		b.drafts = b.drafts[1:]
		p, err := c.issueAs(ctx, c.bookkeeper(b.ledger), b.ledger, draft)
		if p.refusal != "" {
			b.refused = append(b.refused, draft)
		}
		return err
	}
	return nil
}

func (c *client) issueAs(ctx context.Context, as *person, l ledger, draft string) (promise, error) {
	return c.send(ctx, as, "issue invoice", http.MethodPost, c.billing(l, "invoices/%s/issue", draft), nil)
}

// issueRefused lets the owner issue what was refused to others, as somebody in the
// end does. Until then, a number may wait for its draft.
func (c *client) issueRefused(ctx context.Context) error {
	for _, b := range c.ledgers {
		for _, draft := range b.refused {
			p, err := c.issueAs(ctx, c.owner(), b.ledger, draft)
			if err != nil {
				return err
			}
			if p.refusal != "" {
				return fmt.Errorf("%s was refused to the owner: %s", p.what, p.refusal)
			}
		}
		b.refused = nil
	}
	return nil
}

func (c *client) pay(ctx context.Context) error {
	l := c.anyLedger().ledger
	_, err := c.send(ctx, c.bookkeeper(l), "record payment", http.MethodPost, c.billing(l, "payments"), object{
		"amount": object{"minor": 1 + c.random.IntN(30000), "currency": "USD"}, "method": "card", "receivedOn": c.today.Format(time.DateOnly),
	})
	return err
}
