package demo

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// loadCharts opens every chart, with its quarter of billing.
func (s *script) loadCharts() {
	times, err := s.appointmentTimes()
	s.err = errors.Join(s.err, err)
	s.each(len(s.plan.charts), func(s *script, i int) { s.loadChart(i, times[i]) })
}

func (s *script) loadChart(i int, appointment time.Time) {
	c := s.plan.charts[i]
	chart := s.send(owner.Subject, http.MethodPost, s.practice+"/charts", fmt.Sprintf("chart/%d", i), object{
		"primary": s.members[c.clinician], "branch": s.homes[c.clinician],
		"patient": object{"givenName": c.given, "familyName": c.family, "birthDate": c.birthDate, "phone": c.phone},
	})
	for n, m := range c.months {
		s.loadMonth(i, n, chart, m)
	}
	if !appointment.IsZero() {
		s.bookAhead(i, chart, appointment)
	}
	s.finishChart(i, chart)
}

// loadMonth records one month's sessions, invoices them and takes the payment.
func (s *script) loadMonth(i, n int, chart string, m monthPlan) {
	clinician := s.plan.charts[i].clinician
	path, selected := s.practice+"/charts/"+chart, "?clinician="+s.members[clinician]
	money := func(cents int64) object { return object{"minor": cents, "currency": "USD"} }
	var charges []string
	for k, session := range m.sessions {
		charges = append(charges, s.send(clinician, http.MethodPost, path+"/charges"+selected, fmt.Sprintf("charge/%d/%d/%d", i, n, k), object{
			"serviceDate": session.date, "code": session.code, "units": 1, "unitPrice": money(session.cents),
		}))
	}
	if m.invoice == "" {
		return
	}
	invoice := s.send(clinician, http.MethodPost, path+"/invoices"+selected, fmt.Sprintf("invoice/%d/%d", i, n), object{
		"date": m.invoice, "terms": "net_15", "charges": charges,
	})
	s.send(clinician, http.MethodPost, path+"/invoices/"+invoice+"/issue"+selected, fmt.Sprintf("issue/%d/%d", i, n), nil)
	if m.paid > 0 {
		s.send(clinician, http.MethodPost, path+"/payments"+selected, fmt.Sprintf("payment/%d/%d", i, n), object{
			"amount": money(m.paid), "method": "card", "receivedOn": m.paidOn,
		})
	}
}

// finishChart gives some charts another status, and Pat an account of their own.
func (s *script) finishChart(i int, chart string) {
	c, path := s.plan.charts[i], s.practice+"/charts/"+chart
	if c.inactive {
		s.send(owner.Subject, http.MethodPut, path+"/status", fmt.Sprintf("status/%d", i), object{"status": "inactive"})
	}
	if c.archived {
		s.send(owner.Subject, http.MethodPost, path+"/archive", fmt.Sprintf("archive/%d", i), object{"reason": "Moved away"})
	}
	if c.isPat {
		s.mu.Lock()
		s.summary.Chart = chart
		s.mu.Unlock()
		s.send(owner.Subject, http.MethodPut, path+"/patient-accounts/"+s.me(patient.Subject).Account, "link/pat", nil)
	}
}

// appointmentTimes finds the coming appointment of each chart: on the planned
// day or the next working day after it, at the first hour that is not taken by
// another chart of the same clinician. Charts without one stay at the zero time.
func (s *script) appointmentTimes() ([]time.Time, error) {
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	type hour struct {
		clinician string
		at        time.Time
	}
	taken := map[hour]bool{}
	times := make([]time.Time, len(s.plan.charts))
	for i, c := range s.plan.charts {
		if c.appointment == 0 {
			continue
		}
		y, m, d := s.Today.AddDate(0, 0, c.appointment).Date()
		at := time.Date(y, m, d, c.appointmentHour, 0, 0, 0, zone)
		for at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || taken[hour{c.clinician, at}] {
			at = at.AddDate(0, 0, 1)
		}
		taken[hour{c.clinician, at}], times[i] = true, at
	}
	return times, nil
}
