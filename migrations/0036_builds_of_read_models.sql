-- +goose Up

-- The tables of a read model belong to its projector from now on (schema.sql beside
-- it), in a schema of its own for each version: a build. What earlier migrations made
-- is moved there, with its rows and its checkpoint; nothing is filled anew because of
-- that. What was never filled, or only in part, is dropped: the server makes it.
alter table praxis.projection drop constraint projection_pkey;
alter table praxis.projection add column build text;
alter table praxis.projection add column shape text;
delete from praxis.projection where status = 'rebuilding';
update praxis.projection set build = name || '_v' || version;

-- +goose StatementBegin
do $$
declare
    model record;
    target text;
begin
    for model in
        select * from (values ('roster', 'roster'), ('billing', 'billing'), ('calendar', 'calendar'), ('team_access', 'team_access'),
            ('member_directory', 'directory'), ('licences', 'licences'), ('effective_permissions', 'permissions')) as all_models (name, schema)
    loop
        select build into target from praxis.projection where name = model.name;
        if target is null then
            execute format('drop schema %I cascade', model.schema);
        else
            execute format('alter schema %I rename to %I', model.schema, target);
        end if;
    end loop;
end $$;
-- +goose StatementEnd

alter table praxis.projection alter column build set not null;
alter table praxis.projection add primary key (build);

comment on table praxis.projection is
    'One row per build of a read model: the checkpoint up to which the event log is folded into it. It moves in the same transaction as the rows of the build, compare-and-set on the previous position.';
comment on column praxis.projection.build is
    'Name of the build, and of the schema that its tables are in, for example roster_v4.';
comment on column praxis.projection.name is
    'Stable name of the projection, for example roster.';
comment on column praxis.projection.version is
    'Version of the projector that makes the rows. A program reads and follows the build of its own version only.';
comment on column praxis.projection.shape is
    'Hash of the statements that made the tables; null if they were made by a program that kept none.';
