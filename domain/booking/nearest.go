package booking

import (
	"slices"
	"strings"
	"time"

	"praxis/domain/civil"
)

// nearest returns up to three free starts nearest to the wanted one, nearest
// first, as RFC 3339 instants joined by commas (BKG-A10). For the staff the
// window does not count.
func (s CalendarState) nearest(q Query, wanted time.Time, w placing) (string, error) {
	const enough = 3
	if w.channel == ByStaff {
		q.Online, q.Window = true, Window{HorizonDays: 365}
	}
	day := civil.In(wanted, q.Zone)
	var starts []Start
	// Most often the same week will do; only a calendar that is full needs more.
	for _, days := range [...]int{7, 31, 366} {
		q.From, q.To = day.Add(-days), day.Add(days)
		around := Span{civil.At(q.From.Add(-1), 0, q.Zone), civil.At(q.To.Add(3), 0, q.Zone)}
		q.Busy = s.Busy(around, w.moving)
		var err error
		if starts, err = Starts(q); err != nil {
			return "", err
		}
		if len(starts) >= enough {
			break
		}
	}
	slices.SortStableFunc(starts, func(a, b Start) int {
		return int(a.Start.Sub(wanted).Abs() - b.Start.Sub(wanted).Abs())
	})
	var instants []string
	for _, start := range starts[:min(enough, len(starts))] {
		instants = append(instants, start.Start.Format(time.RFC3339))
	}
	return strings.Join(instants, ","), nil
}
