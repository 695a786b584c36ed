package commands

import (
	"context"

	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/id"
)

// ruling names a permission rule by the id of the event that sets it: decisions made
// by the rule carry that name, so that anyone can find who set it and when.
func ruling[C any](_ context.Context, w *World, _ id.Group, _ C) (group.Ruling, error) {
	return group.Ruling{By: w.Actor.Member, Rule: w.FirstEvent()}, nil
}

// GrantPermission allows one member more than the matrix does.
var GrantPermission = declare(groupSpec[group.GrantPermission, group.Ruling]{
	On: onGroup, Name: "group.grant_permission", Operation: "setMemberPermission", Needs: access.PermissionGrant,
	Sample: group.GrantPermission{Member: sampleID[id.Member]("member"), Capability: access.RosterView, Scope: access.ScopeGroup},
	Facts:  ruling[group.GrantPermission], Decide: group.GrantPermission.Decide,
})

// DenyPermission allows one member less than their role does.
var DenyPermission = declare(groupSpec[group.DenyPermission, group.Ruling]{
	On: onGroup, Name: "group.deny_permission", Operation: "setMemberPermission", Needs: access.PermissionGrant,
	Sample: group.DenyPermission{Member: sampleID[id.Member]("member"), Capability: access.RosterView, Scope: access.ScopeGroup},
	Facts:  ruling[group.DenyPermission], Decide: group.DenyPermission.Decide,
})

// ClearOverride removes every rule about a capability from a member.
var ClearOverride = declare(groupSpec[group.ClearOverride, id.Member]{
	On: onGroup, Name: "group.clear_override", Operation: "clearMemberPermission", Needs: access.PermissionGrant,
	Sample: group.ClearOverride{Member: sampleID[id.Member]("member"), Capability: access.RosterView},
	Facts:  acting[group.ClearOverride], Decide: group.ClearOverride.Decide,
})

// SetRolePermission changes what everybody of a role may do.
var SetRolePermission = declare(groupSpec[group.SetRolePermission, group.Ruling]{
	On: onGroup, Name: "group.set_role_permission", Operation: "setRolePermission", Needs: access.PermissionGrant,
	Sample: group.SetRolePermission{Role: access.User, Capability: access.RosterView, Effect: group.EffectAllow, Scope: access.ScopeGroup},
	Facts:  ruling[group.SetRolePermission], Decide: group.SetRolePermission.Decide,
})

// SetChartSharing says how widely clinicians share their charts (ADR 18). It
// grants something to many at once, so it needs permission.grant, like every
// other grant: the owner has it and may give it to super admins.
var SetChartSharing = declare(groupSpec[group.SetChartSharing, group.Ruling]{
	On: onGroup, Name: "group.set_chart_sharing", Operation: "setChartSharing", Needs: access.PermissionGrant,
	Sample: group.SetChartSharing{Sharing: access.ShareBranch},
	Facts:  ruling[group.SetChartSharing], Decide: group.SetChartSharing.Decide,
})
