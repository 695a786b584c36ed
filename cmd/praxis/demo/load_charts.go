package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// loadCharts opens every chart, with its quarter of billing.
func (l *Loader) loadCharts(ctx context.Context) error {
	times, err := l.appointmentTimes()
	if err != nil {
		return err
	}
	return each(ctx, len(l.plan.charts), func(ctx context.Context, i int) error {
		return l.loadChart(ctx, i, times[i])
	})
}

func (l *Loader) loadChart(ctx context.Context, i int, appointment time.Time) error {
	c := l.plan.charts[i]
	chart, err := l.command(ctx, owner.Subject, http.MethodPost, l.path("/charts"), fmt.Sprintf("chart/%d", i), object{
		"primary": l.members[c.clinician], "branch": l.branchOf(c.clinician),
		"patient": object{"givenName": c.given, "familyName": c.family, "birthDate": c.birthDate, "phone": c.phone},
	})
	if err != nil {
		return err
	}
	for n, m := range c.months {
		if err := l.loadMonth(ctx, i, n, chart, m); err != nil {
			return err
		}
	}
	if !appointment.IsZero() {
		if err := l.bookAhead(ctx, i, chart, appointment); err != nil {
			return err
		}
	}
	return l.finishChart(ctx, i, chart)
}

// loadMonth records one month's sessions, invoices them and takes the payment.
func (l *Loader) loadMonth(ctx context.Context, i, n int, chart string, m monthPlan) error {
	clinician := l.plan.charts[i].clinician
	selected := "?clinician=" + l.members[clinician]
	money := func(cents int64) object { return object{"minor": cents, "currency": "USD"} }
	var charges []string
	for k, s := range m.sessions {
		id, err := l.command(ctx, clinician, http.MethodPost, l.path("/charts/%s/charges%s", chart, selected), fmt.Sprintf("charge/%d/%d/%d", i, n, k), object{
			"serviceDate": s.date, "code": s.code, "units": 1, "unitPrice": money(s.cents),
		})
		if err != nil {
			return err
		}
		charges = append(charges, id)
	}
	if m.invoice == "" {
		return nil
	}
	invoice, err := l.command(ctx, clinician, http.MethodPost, l.path("/charts/%s/invoices%s", chart, selected), fmt.Sprintf("invoice/%d/%d", i, n), object{
		"date": m.invoice, "terms": "net_15", "charges": charges,
	})
	if err != nil {
		return err
	}
	if _, err := l.command(ctx, clinician, http.MethodPost, l.path("/charts/%s/invoices/%s/issue%s", chart, invoice, selected), fmt.Sprintf("issue/%d/%d", i, n), nil); err != nil {
		return err
	}
	if m.paid == 0 {
		return nil
	}
	_, err = l.command(ctx, clinician, http.MethodPost, l.path("/charts/%s/payments%s", chart, selected), fmt.Sprintf("payment/%d/%d", i, n), object{
		"amount": money(m.paid), "method": "card", "receivedOn": m.paidOn,
	})
	return err
}

// finishChart gives some charts another status, and Pat an account of their own.
func (l *Loader) finishChart(ctx context.Context, i int, chart string) error {
	c := l.plan.charts[i]
	if c.inactive {
		if _, err := l.command(ctx, owner.Subject, http.MethodPut, l.path("/charts/%s/status", chart), fmt.Sprintf("status/%d", i), object{"status": "inactive"}); err != nil {
			return err
		}
	}
	if c.archived {
		if _, err := l.command(ctx, owner.Subject, http.MethodPost, l.path("/charts/%s/archive", chart), fmt.Sprintf("archive/%d", i), object{"reason": "Moved away"}); err != nil {
			return err
		}
	}
	if !c.isPat {
		return nil
	}
	l.mu.Lock()
	l.summary.Chart = chart
	l.mu.Unlock()
	var me struct {
		Account string `json:"account"`
	}
	if err := l.Client.get(ctx, patient.Subject, "/v1/me", "", &me); err != nil {
		return err
	}
	_, err := l.command(ctx, owner.Subject, http.MethodPut, l.path("/charts/%s/patient-accounts/%s", chart, me.Account), "link/pat", nil)
	return err
}

// appointmentTimes finds the coming appointment of each chart: on the planned
// day or the next working day after it, at the first hour that is not taken by
// another chart of the same clinician. Charts without one stay at the zero time.
func (l *Loader) appointmentTimes() ([]time.Time, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	type hour struct {
		clinician string
		at        time.Time
	}
	taken := map[hour]bool{}
	times := make([]time.Time, len(l.plan.charts))
	for i, c := range l.plan.charts {
		if c.appointment == 0 {
			continue
		}
		y, m, d := l.Today.AddDate(0, 0, c.appointment).Date()
		at := time.Date(y, m, d, c.appointmentHour, 0, 0, 0, zone)
		for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || taken[hour{c.clinician, at}] {
			at = at.AddDate(0, 0, 1)
		}
		taken[hour{c.clinician, at}], times[i] = true, at
	}
	return times, nil
}
