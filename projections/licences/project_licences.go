package licences

import (
	"praxis/domain/civil"
	"praxis/domain/group"
	"praxis/domain/id"
	"praxis/domain/pricing"
	"praxis/projections"
)

const (
	insertLicence = `
insert into licence (licence_id, group_id, revision, place, plan, price, currency, discount_num, discount_den, proof_id, book, detail, pending, holder)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	setTerms = `plan = $2, price = $3, currency = $4, discount_num = $5, discount_den = $6, proof_id = $7, book = $8, detail = $9`

	scheduledIsDone = `
update licence set next_plan = '', changes_on = case when releasing then changes_on end where licence_id = $1 and (next_plan = $2 or $3)`

	insertSeat = `
insert into seat (licence_id, from_date, group_id, holder, pending, plan, detail) values ($1, $2, $3, $4, $5, $6, $7)`
	// splitSeat lets an interval end on a day and another one like it begin, unless
	// one begins on that day anyway.
	splitSeat = `
with cut as (
  select * from seat where licence_id = $1 and from_date < $2::date and (until_date is null or until_date > $2::date)
), ended as (
  update seat s set until_date = $2::date from cut c where s.licence_id = c.licence_id and s.from_date = c.from_date
)
insert into seat (licence_id, from_date, until_date, group_id, holder, pending, plan, detail)
select licence_id, $2::date, until_date, group_id, holder, pending, plan, detail from cut`
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
			w.licence(l, "pending = false")
			w.seat(l, ev.On, "pending = false")
		}
	case group.LicenceAssigned:
		w.licence(ev.Licence, "holder = $2, invitation_id = null, profession = ''", ev.Member)
		w.seat(ev.Licence, ev.On, "holder = $3", ev.Member)
	case group.LicenceUnassigned:
		w.licence(ev.Licence, "holder = null")
		w.seat(ev.Licence, ev.On, "holder = null")
	case group.LicencePlanChanged:
		w.changed(ev.Changes, ev.On)
	case group.LicencesRepriced:
		w.changed(ev.Changes, ev.Effective)
	case group.PlanChangeScheduled:
		w.licence(ev.Licence, "next_plan = $2, changes_on = $3", string(ev.To), ev.Effective)
	case group.PlanChangeCancelled:
		w.licence(ev.Licence, "next_plan = '', changes_on = case when releasing then changes_on end")
	case group.LicenceReleaseScheduled:
		w.licence(ev.Licence, "releasing = true, changes_on = $2", ev.Effective)
	case group.LicenceReleaseCancelled:
		w.licence(ev.Licence, "releasing = false, changes_on = case when next_plan <> '' then changes_on end")
	case group.LicencesReleased:
		w.gone(ev.Licences, ev.On)
	case group.LicencePurchaseCancelled:
		w.gone(ev.Licences, ev.On)
	}
}

// licence queues a change of one licence; the arguments of set begin at $2.
func (w *writer) licence(l id.Licence, set string, args ...any) {
	w.batch.Queue("update licence set "+set+" where licence_id = $1", append([]any{l}, args...)...)
}

// seat queues a change of one seat from a day on; the arguments of set begin at $3.
func (w *writer) seat(l id.Licence, from civil.Date, set string, args ...any) {
	w.batch.Queue(splitSeat, l, from)
	w.batch.Queue("update seat set "+set+" where licence_id = $1 and from_date >= $2::date", append([]any{l, from}, args...)...)
}

func (w *writer) bought(place int, l group.BoughtLicence, on civil.Date) {
	holder, detail := projections.OrNull(l.Holder), w.detail(l.Terms)
	w.batch.Queue(insertLicence, l.Licence, w.group, w.revision, place, string(l.Plan), l.Price.Minor, string(l.Price.Currency),
		l.Discount.Num, l.Discount.Den, projections.OrNull(l.Discount.Proof), l.Book, detail, l.Pending, holder)
	w.batch.Queue(insertSeat, l.Licence, on, w.group, holder, l.Pending, string(l.Plan), detail)
}

// terms queues the terms of a licence from a day on.
func (w *writer) terms(l id.Licence, t pricing.Terms, from civil.Date) {
	detail := w.detail(t)
	w.licence(l, setTerms, string(t.Plan), t.Price.Minor, string(t.Price.Currency), t.Discount.Num, t.Discount.Den, projections.OrNull(t.Discount.Proof), t.Book, detail)
	w.seat(l, from, "plan = $3, detail = $4", string(t.Plan), detail)
}

// changed puts licences on other terms; what was scheduled for them is done.
func (w *writer) changed(changes []group.TermsChange, from civil.Date) {
	for _, c := range changes {
		w.batch.Queue(scheduledIsDone, c.Licence, string(c.To.Plan), c.From.Plan != c.To.Plan)
		w.terms(c.Licence, c.To, from)
	}
}

// gone ends licences. Their seats keep the days before.
func (w *writer) gone(licences []id.Licence, on civil.Date) {
	w.batch.Queue("delete from licence where licence_id = any($1)", licences)
	w.batch.Queue("delete from seat where licence_id = any($1) and from_date >= $2::date", licences, on)
	w.batch.Queue("update seat set until_date = $2::date where licence_id = any($1) and (until_date is null or until_date > $2::date)", licences, on)
}
