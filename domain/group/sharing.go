package group

import (
	"time"

	"praxis/domain/access"
	"praxis/domain/fault"
	"praxis/domain/id"
)

// SetChartSharing says how widely the practice's clinicians share their charts
// (ADR 18). It is a grant to all of them at once and follows the rules of grants:
// whoever shares more must be able to hand on every permission that sharing opens
// (AMB-11); to share less takes no more than to be able to set rules. Rejections:
// "unknown_sharing", "grantor_lacks_permission".
type SetChartSharing struct {
	// By is the member who decides, Rule the id that the event will have.
	By      id.Member    `json:"-"`
	Rule    id.Event     `json:"-"`
	Sharing access.Width `json:"sharing"`
}

// Decide changes the setting; what is so already changes nothing.
func (c SetChartSharing) Decide(s State, now time.Time) ([]Event, error) {
	by, err := s.active(c.By)
	if err != nil {
		return nil, err
	}
	if !c.Sharing.Known() {
		return nil, fault.New(fault.Invalid, "unknown_sharing", "Charts are shared with one of assigned_only, branch, group.")
	}
	if !s.mayGrant(by, access.Resource{Group: s.group}, now) {
		return nil, errLacks
	}
	from := s.ChartSharing()
	if c.Sharing.WiderThan(from) {
		for _, opened := range access.SharedCapabilities() {
			if !s.canHandOn(by, opened, now, time.Time{}) {
				return nil, errLacks
			}
		}
	}
	if c.Sharing == from {
		return nil, nil
	}
	return []Event{ChartSharingChanged{Rule: c.Rule, From: from, To: c.Sharing, ChangedBy: by.ID}}, nil
}

// ChartSharing returns how widely clinicians share their charts.
func (s State) ChartSharing() access.Width {
	if s.sharing.Width == "" {
		return access.AssignedOnly
	}
	return s.sharing.Width
}
