package httpapi

import (
	"praxis/commands"
	"praxis/domain/access"
	"praxis/domain/group"
	"praxis/domain/pricing"
)

// practiceHandlers are those of what a practice is as a whole: how its clinicians
// share charts, and whether it is a solo practice.
func (a *api) practiceHandlers() map[string]handler {
	return map[string]handler{
		"setChartSharing":    command(a.setChartSharing),
		"convertSoloToGroup": command(a.convertSoloToGroup),
	}
}

type chartSharing struct {
	Sharing access.Width `json:"sharing"`
}

func (a *api) setChartSharing(x *exchange, call commands.Call, b chartSharing) (string, commands.Receipt, error) {
	receipt, err := a.Engine.SetChartSharing(x.ctx(), call, group.SetChartSharing{Sharing: b.Sharing})
	return call.Group.String(), receipt, err
}

type conversion struct {
	Plan pricing.PlanID `json:"plan"`
}

func (a *api) convertSoloToGroup(x *exchange, call commands.Call, b conversion) (string, commands.Receipt, error) {
	receipt, err := a.Engine.ConvertSoloToGroup(x.ctx(), call, group.ConvertSoloToGroup{Plan: b.Plan})
	return call.Group.String(), receipt, err
}
