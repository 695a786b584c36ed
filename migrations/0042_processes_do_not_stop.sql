-- +goose Up

-- Releases before 0039 stopped a process at what it could not deal with. It tries that again,
-- and now parks the practice if it still cannot. The two columns stay for a server of such a
-- release that runs beside this one meanwhile.
update praxis.process
   set status = 'running', last_error = null, steps = steps + 1, updated_at = now()
 where status = 'stopped';

comment on column praxis.process.status is 'Not read any more: processes do not stop, what they cannot deal with is in praxis.quarantine.';
comment on column praxis.process.last_error is 'Not read any more, as status.';
