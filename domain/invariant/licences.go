package invariant

import (
	"praxis/domain/es"
	"praxis/domain/group"
	"praxis/domain/id"
)

// checkLicences checks that an event gives or keeps only what is owned and free.
func (p *practice) checkLicences(a *Audit, env es.Envelope, event any) {
	var licence id.Licence
	var holder id.Member
	reserving := false
	switch e := event.(type) {
	case group.LicenceAssigned:
		licence, holder = e.Licence, e.Member
	case group.LicenceReserved:
		licence, reserving = e.Licence, true
	default:
		return
	}
	l, owned := p.state.Licence(licence)
	inv, known := p.state.Invitation(l.Invitation)
	reserved := known && inv.OpenAt(env.Meta.OccurredAt)
	if !owned || l.Pending || !l.Holder.IsZero() && l.Holder != holder || reserving && reserved {
		a.report(LicenceOversold, p.id, []Place{placeOf(env.Recorded)}, thing(KindLicence, licence))
	}
}

func (p *practice) judgeLicences(a *Audit) {
	held := map[id.Member][]Thing{}
	for _, l := range p.state.Licences() {
		if l.Holder.IsZero() {
			continue
		}
		held[l.Holder] = append(held[l.Holder], thing(KindLicence, l.ID))
		// A leaving member keeps the licence until the last chart has moved.
		r, _ := p.state.RemovalOf(l.Holder)
		if !p.state.IsActiveClinician(l.Holder) && !r.InProgress {
			a.report(LicenceHolder, p.id, []Place{p.place(l.Holder)}, thing(KindLicence, l.ID), thing(KindMember, l.Holder))
		}
	}
	if !p.state.Subscribed() {
		return
	}
	for _, m := range p.state.Members() {
		if m.Active && m.Clinician && len(held[m.ID]) != 1 {
			a.report(ClinicianLicence, p.id, []Place{p.place(m.ID)}, append([]Thing{thing(KindMember, m.ID)}, held[m.ID]...)...)
		}
	}
}
