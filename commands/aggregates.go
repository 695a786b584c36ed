package commands

import (
	"praxis/domain/access"
	"praxis/domain/booking"
	"praxis/domain/bulk"
	"praxis/domain/chart"
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/household"
	"praxis/domain/id"
	"praxis/domain/invoice"
	"praxis/domain/membership"
	"praxis/domain/money"
	"praxis/domain/pricing"
)

// The specs of commands on each aggregate: C is the command, F its facts.
type (
	groupSpec[C, F any]     = Spec[id.Group, C, F, group.State, group.Event]
	claimSpec[C any]        = Spec[id.Account, C, None, membership.State, membership.Event]
	chartSpec[C, F any]     = Spec[id.Chart, C, F, chart.State, chart.Event]
	ledgerSpec[C, F any]    = Spec[invoice.LedgerID, C, F, invoice.State, invoice.Event]
	seriesSpec[C, F any]    = Spec[invoice.LedgerID, C, F, invoice.Series, invoice.SeriesEvent]
	policySpec[C any]       = Spec[id.Group, C, None, booking.PolicyState, booking.PolicyEvent]
	calendarSpec[C, F any]  = Spec[booking.CalendarID, C, F, booking.CalendarState, booking.CalendarEvent]
	bulkSpec[C, F any]      = Spec[id.Bulk, C, F, bulk.State, bulk.Event]
	bookSpec[C any]         = Spec[money.Currency, C, None, pricing.Book, pricing.Event]
	householdSpec[C, F any] = Spec[id.Household, C, F, household.State, household.Event]
)

var onGroup = &Aggregate[id.Group, group.State, group.Event]{
	Stream: func(_ id.Group, g id.Group) es.Stream { return group.Stream(g) },
	Closed: group.State.Closed, Preview: previewGroup,
	states: func(e *Engine) *repository[group.State, group.Event] { return e.groups },
}

// onClaim is what ties an account to the one practice that it belongs to (G-7).
var onClaim = &Aggregate[id.Account, membership.State, membership.Event]{
	Stream: func(_ id.Group, a id.Account) es.Stream { return membership.Stream(a) },
	states: func(e *Engine) *repository[membership.State, membership.Event] { return e.claims },
}

var onChart = &Aggregate[id.Chart, chart.State, chart.Event]{
	Stream: chart.Stream,
	Chart:  func(c id.Chart) id.Chart { return c },
	Resource: func(g id.Group, _ id.Chart, s chart.State) access.Resource {
		r := s.Resource(g)
		r.OfChart = asItIs(g, s)
		return r
	},
	Preview: previewChart,
	states:  func(e *Engine) *repository[chart.State, chart.Event] { return e.charts },
}

// onHousehold are people who are looked after together. Access to it is decided as to a
// chart of its primary and its team; what one may not see does not exist.
var onHousehold = &Aggregate[id.Household, household.State, household.Event]{
	Stream: household.Stream,
	Key:    func(h id.Household) id.Chart { return id.Chart(h) },
	Resource: func(g id.Group, _ id.Household, s household.State) access.Resource {
		return householdAsItIs(g, s)
	},
	Unseen: errNoHousehold,
	states: func(e *Engine) *repository[household.State, household.Event] { return e.households },
}

// onLedger is what one patient owes one clinician. Money is never decided across
// clinicians, so permissions are asked for the ledger's clinician.
var onLedger = &Aggregate[invoice.LedgerID, invoice.State, invoice.Event]{
	Stream: func(_ id.Group, l invoice.LedgerID) es.Stream { return l.Stream() },
	Chart:  func(l invoice.LedgerID) id.Chart { return l.Chart },
	Resource: func(_ id.Group, l invoice.LedgerID, _ invoice.State) access.Resource {
		return access.Resource{Group: l.Group, Clinician: l.Clinician, Chart: l.Chart}
	},
	states: func(e *Engine) *repository[invoice.State, invoice.Event] { return e.ledgers },
}

// onSeries are the numbers of a clinician's invoices, for one of their ledgers.
var onSeries = &Aggregate[invoice.LedgerID, invoice.Series, invoice.SeriesEvent]{
	Stream: func(_ id.Group, l invoice.LedgerID) es.Stream {
		return invoice.SeriesID{Group: l.Group, Clinician: l.Clinician}.Stream()
	},
	Resource: func(_ id.Group, l invoice.LedgerID, _ invoice.Series) access.Resource {
		return access.Resource{Group: l.Group, Clinician: l.Clinician, Chart: l.Chart}
	},
	states: func(e *Engine) *repository[invoice.Series, invoice.SeriesEvent] { return e.series },
}

var onPolicy = &Aggregate[id.Group, booking.PolicyState, booking.PolicyEvent]{
	Stream: func(_ id.Group, g id.Group) es.Stream { return booking.PolicyStream(g) },
	states: func(e *Engine) *repository[booking.PolicyState, booking.PolicyEvent] { return e.policies },
}

var onCalendar = &Aggregate[booking.CalendarID, booking.CalendarState, booking.CalendarEvent]{
	Stream: func(_ id.Group, c booking.CalendarID) es.Stream { return c.Stream() },
	Resource: func(_ id.Group, c booking.CalendarID, _ booking.CalendarState) access.Resource {
		return access.Resource{Group: c.Group, Clinician: c.Clinician}
	},
	states: func(e *Engine) *repository[booking.CalendarState, booking.CalendarEvent] { return e.calendars },
}

// onBook is the operator's price book in one currency; it belongs to no practice.
var onBook = &Aggregate[money.Currency, pricing.Book, pricing.Event]{
	Stream: func(_ id.Group, c money.Currency) es.Stream { return pricing.BookStream(c) },
	states: func(e *Engine) *repository[pricing.Book, pricing.Event] { return e.books },
}

// onBulk is one operation on many charts. Permissions for it are asked for one of the
// charts, because who may change some charts only may change these.
var onBulk = &Aggregate[id.Bulk, bulk.State, bulk.Event]{
	Stream: bulk.Stream,
	states: func(e *Engine) *repository[bulk.State, bulk.Event] { return e.bulks },
}
