package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"praxis/domain/civil"
)

// readAndWriteValues makes a timestamptz arrive as a time in UTC (pgx would give it
// the zone of the machine, and two machines would print one instant differently), and
// a date as a civil date and the other way round.
func readAndWriteValues(_ context.Context, conn *pgx.Conn) error {
	types := conn.TypeMap()
	instant := &pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	}
	types.RegisterType(instant)
	types.RegisterType(&pgtype.Type{
		Name: "_timestamptz", OID: pgtype.TimestamptzArrayOID,
		Codec: &pgtype.ArrayCodec{ElementType: instant},
	})
	types.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{encodeDate}, types.TryWrapEncodePlanFuncs...)
	types.TryWrapScanPlanFuncs = append([]pgtype.TryWrapScanPlanFunc{scanDate}, types.TryWrapScanPlanFuncs...)
	return nil
}

// date is a civil date as pgx takes it; the unset one is null.
type date civil.Date

// DateValue implements pgtype.DateValuer.
func (d date) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), Valid: d != date{}}, nil
}

// ScanDate implements pgtype.DateScanner.
func (d *date) ScanDate(v pgtype.Date) error {
	switch {
	case v.InfinityModifier != pgtype.Finite:
		return errors.New("a date without end is no civil date")
	case v.Valid:
		*d = date(civil.DateOf(v.Time))
	default:
		*d = date{}
	}
	return nil
}

func encodeDate(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	d, ok := value.(civil.Date)
	return &datePlan{}, date(d), ok
}

func scanDate(target any) (pgtype.WrappedScanPlanNextSetter, any, bool) {
	d, ok := target.(*civil.Date)
	return &scanDatePlan{}, (*date)(d), ok
}

type datePlan struct{ next pgtype.EncodePlan }

// SetNext implements pgtype.WrappedEncodePlanNextSetter.
func (p *datePlan) SetNext(next pgtype.EncodePlan) { p.next = next }

// Encode implements pgtype.EncodePlan.
func (p *datePlan) Encode(value any, buf []byte) ([]byte, error) {
	d, ok := value.(civil.Date)
	if !ok {
		return nil, fmt.Errorf("%T is no civil date", value)
	}
	return p.next.Encode(date(d), buf)
}

type scanDatePlan struct{ next pgtype.ScanPlan }

// SetNext implements pgtype.WrappedScanPlanNextSetter.
func (p *scanDatePlan) SetNext(next pgtype.ScanPlan) { p.next = next }

// Scan implements pgtype.ScanPlan.
func (p *scanDatePlan) Scan(src []byte, target any) error {
	d, ok := target.(*civil.Date)
	if !ok {
		return fmt.Errorf("%T is no civil date", target)
	}
	return p.next.Scan(src, (*date)(d))
}
