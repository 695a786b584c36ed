package licences

import (
	"praxis/domain/civil"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/money"
	"praxis/domain/pricing"
	"praxis/projections/rows"
)

// licenceKept is a licence that the practice owns, with its terms.
type licenceKept struct {
	Licence     id.Licence       `db:"licence_id"`
	Group       id.Group         `db:"group_id"`
	Revision    es.Revision      `db:"revision"`
	Place       int              `db:"place"`
	Plan        pricing.PlanID   `db:"plan"`
	Price       int64            `db:"price"`
	Currency    money.Currency   `db:"currency"`
	DiscountNum int64            `db:"discount_num"`
	DiscountDen int64            `db:"discount_den"`
	Proof       id.TraineeProof  `db:"proof_id,null"`
	Book        int              `db:"book"`
	Detail      string           `db:"detail,json"`
	Pending     bool             `db:"pending"`
	Charge      id.SeatCharge    `db:"charge_id,null"`
	PaidFrom    civil.Date       `db:"paid_from"`
	PaidUntil   civil.Date       `db:"paid_until"`
	Holder      id.Member        `db:"holder,null"`
	Invitation  id.Invitation    `db:"invitation_id,null"`
	Profession  pricing.Category `db:"profession"`
	NextPlan    pricing.PlanID   `db:"next_plan"`
	Releasing   bool             `db:"releasing"`
	ChangesOn   civil.Date       `db:"changes_on"`
}

// on puts the licence on terms.
func (r *licenceKept) on(t pricing.Terms, detail string) {
	r.Plan, r.Price, r.Currency, r.Book, r.Detail = t.Plan, t.Price.Minor, t.Price.Currency, t.Book, detail
	r.DiscountNum, r.DiscountDen, r.Proof = t.Discount.Num, t.Discount.Den, t.Discount.Proof
}

// stays says that no other plan is scheduled.
func (r *licenceKept) stays() {
	r.NextPlan = ""
	if !r.Releasing {
		r.ChangesOn = civil.Date{}
	}
}

// seatKept is an interval of the seat ledger; those of a licence do not overlap.
type seatKept struct {
	Licence id.Licence     `db:"licence_id"`
	From    civil.Date     `db:"from_date"`
	Until   civil.Date     `db:"until_date"`
	Group   id.Group       `db:"group_id"`
	Holder  id.Member      `db:"holder,null"`
	Pending bool           `db:"pending"`
	Plan    pricing.PlanID `db:"plan"`
	Detail  string         `db:"detail,json"`
}

// seatKey names an interval by its licence and first day.
type seatKey struct {
	Licence id.Licence
	From    civil.Date
}

// after reports whether the interval goes on until a day and beyond.
func (r *seatKept) after(day civil.Date) bool { return r.Until.IsZero() || r.Until.After(day) }

var (
	licences = rows.NewTable("licence", func(r *licenceKept) id.Licence { return r.Licence }, "licence_id")
	seats    = rows.NewTable("seat", func(r *seatKept) seatKey { return seatKey{r.Licence, r.From} }, "licence_id", "from_date")
	seatsOf  = rows.NewIndex(seats, func(r *seatKept) id.Licence { return r.Licence }, "licence_id")
)

// licences writes which licences there are, on which terms, and who holds them.
func (w *writer) licences(event any) {
	switch ev := event.(type) {
	case group.LicencesPurchased:
		for place, l := range ev.Licences {
			w.bought(place, l, ev.On)
		}
	case group.LicencesActivated:
		for _, l := range ev.Licences {
			w.licence(l, func(r *licenceKept) { r.Pending = false })
			w.seat(l, ev.On, func(r *seatKept) { r.Pending = false })
		}
	case group.LicenceAssigned:
		w.licence(ev.Licence, func(r *licenceKept) { r.Holder, r.Invitation, r.Profession = ev.Member, id.Invitation{}, "" })
		w.seat(ev.Licence, ev.On, func(r *seatKept) { r.Holder = ev.Member })
	case group.LicenceUnassigned:
		w.licence(ev.Licence, func(r *licenceKept) { r.Holder = id.Member{} })
		w.seat(ev.Licence, ev.On, func(r *seatKept) { r.Holder = id.Member{} })
	case group.LicencePlanChanged:
		w.changed(ev.Changes, ev.On)
	case group.LicencesRepriced:
		w.changed(ev.Changes, ev.Effective)
	case group.PlanChangeScheduled:
		w.licence(ev.Licence, func(r *licenceKept) { r.NextPlan, r.ChangesOn = ev.To, ev.Effective })
	case group.PlanChangeCancelled:
		w.licence(ev.Licence, (*licenceKept).stays)
	case group.LicenceReleaseScheduled:
		w.licence(ev.Licence, func(r *licenceKept) { r.Releasing, r.ChangesOn = true, ev.Effective })
	case group.LicenceReleaseCancelled:
		w.licence(ev.Licence, func(r *licenceKept) {
			r.Releasing = false
			if r.NextPlan == "" {
				r.ChangesOn = civil.Date{}
			}
		})
	case group.LicencesReleased:
		w.gone(ev.Licences, ev.On)
	case group.LicencePurchaseCancelled:
		w.gone(ev.Licences, ev.On)
	}
}

// licence notes a change of one licence.
func (w *writer) licence(l id.Licence, change func(*licenceKept)) {
	licences.Change(w.batch, l, change)
}

// seat notes a change of one seat from a day on. An interval that the day lies in ends
// there, and another one like it begins.
func (w *writer) seat(l id.Licence, from civil.Date, change func(*seatKept)) {
	var rest *seatKept
	spans := func(r *seatKept) bool { return r.From.Before(from) && r.after(from) }
	seatsOf.ChangeThose(w.batch, l, spans, func(r *seatKept) {
		second := *r
		second.From, r.Until = from, from
		rest = &second
	})
	seats.InsertMade(w.batch, func() (seatKept, bool) {
		if rest == nil {
			return seatKept{}, false
		}
		return *rest, true
	})
	seatsOf.ChangeThose(w.batch, l, func(r *seatKept) bool { return !r.From.Before(from) }, change)
}

func (w *writer) bought(place int, l group.BoughtLicence, on civil.Date) {
	row := licenceKept{Licence: l.Licence, Group: w.group, Revision: w.revision, Place: place, Pending: l.Pending, Holder: l.Holder}
	row.on(l.Terms, w.detail(l.Terms))
	licences.Insert(w.batch, row)
	seats.Insert(w.batch, seatKept{Licence: l.Licence, From: on, Group: w.group, Holder: l.Holder, Pending: l.Pending, Plan: l.Plan, Detail: row.Detail})
}

// terms notes the terms of a licence from a day on.
func (w *writer) terms(l id.Licence, t pricing.Terms, from civil.Date) {
	detail := w.detail(t)
	w.licence(l, func(r *licenceKept) { r.on(t, detail) })
	w.seat(l, from, func(r *seatKept) { r.Plan, r.Detail = t.Plan, detail })
}

// changed puts licences on other terms; what was scheduled for them is done.
func (w *writer) changed(changes []group.TermsChange, from civil.Date) {
	for _, c := range changes {
		w.licence(c.Licence, func(r *licenceKept) {
			if r.NextPlan == c.To.Plan || c.From.Plan != c.To.Plan {
				r.stays()
			}
		})
		w.terms(c.Licence, c.To, from)
	}
}

// gone ends licences. Their seats keep the days before.
func (w *writer) gone(all []id.Licence, on civil.Date) {
	for _, l := range all {
		licences.Delete(w.batch, l)
		seatsOf.Delete(w.batch, l, func(r *seatKept) bool { return !r.From.Before(on) })
		seatsOf.ChangeThose(w.batch, l, func(r *seatKept) bool { return r.after(on) }, func(r *seatKept) { r.Until = on })
	}
}
