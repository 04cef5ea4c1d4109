/**
 * The hot path on PostgreSQL: one call and one commit for a batch of member logins. Constraints decide, so nothing is read before it is written, and
 * a race between nodes ends as if one had come after the other.
 *
 * Returns null when all were accepted, else the facts (login-outcome.ts) of those not written, as JSON `[[position, member_status, request, session,
 * session_is_later], …]`. Each statement in here sees what was committed before it began.
 *
 * - Member rows are locked first. A concurrent change of status is awaited and seen; a later one waits for this login and then ends its session. So
 *   no login is acknowledged after a lock.
 * - Rows are written in the batch's order. The caller sorts it by token, so that batches cannot deadlock.
 * - Lookups are lateral ones by primary key, and sequential scans are off: the plan is made once per connection and must stay right when a table
 *   grows from nothing to millions of rows between two ANALYZEs.
 */
export const loginBatchFunction = `
create function login_batch_1(
  agent_ids text[], user_ids text[], token_hashes bytea[], signatures bytea[], timestamps int8[], unsigned_digests bytea[],
  request_expiries int8[], platforms text[], languages text[], currencies text[], game_codes text[], callbacks text[],
  limit_texts text[], custom_languages text[], nows int8[], session_expiries int8[]
) returns json language plpgsql
  set enable_seqscan = off
  set plan_cache_mode = force_generic_plan
as $$
declare
  batch_size int := cardinality(agent_ids);
  admitted int8[];
  new_signatures bytea[];
  fresh int8[];
  written_hashes bytea[];
  lost int8;
begin
  -- Whose member is there and not locked.
  admitted := array(
    select i.position
    from unnest(agent_ids, user_ids) with ordinality as i(agent_id, user_id, position)
    cross join lateral (
      select from members m where m.agent_id = i.agent_id and m.user_id = i.user_id and m.status <> 'LockAll' for share
    ) m
  );

  -- Whose signature is new. One that another node is writing at this moment is waited for.
  with inserted as (
    insert into signed_requests ("timestamp", agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
    select i."timestamp", i.agent_id, i.signature, 'login', i.unsigned_digest, i.now, i.expires_at
    from unnest(timestamps, agent_ids, signatures, unsigned_digests, nows, request_expiries) with ordinality
      as i("timestamp", agent_id, signature, unsigned_digest, now, expires_at, position)
    where cardinality(admitted) = batch_size or i.position = any (admitted)
    on conflict do nothing
    returning signature
  )
  select array_agg(signature) from inserted into new_signatures;
  if cardinality(new_signatures) = batch_size then
    fresh := admitted;
  else
    fresh := array(
      select i.position from unnest(signatures) with ordinality as i(signature, position) where i.signature = any (new_signatures)
    );
  end if;

  -- Whose token is free, or held by a live session of the same member.
  with upserted as (
    insert into member_sessions as s (
      token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language, created_at, expires_at
    )
    select
      i.token_hash, i.agent_id, i.user_id, i.platform, i.language, i.currency, i.game_code, i.callback, i.limits, i.custom_language,
      i.now, i.expires_at
    from unnest(
      token_hashes, agent_ids, user_ids, platforms, languages, currencies, game_codes, callbacks, limit_texts, custom_languages,
      nows, session_expiries
    ) with ordinality as i(
      token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language,
      now, expires_at, position
    )
    where cardinality(fresh) = batch_size or i.position = any (fresh)
    on conflict (token_hash) do update set
      agent_id = excluded.agent_id, user_id = excluded.user_id, platform = excluded.platform, language = excluded.language,
      currency = excluded.currency, game_code = excluded.game_code, callback = excluded.callback, limits = excluded.limits,
      custom_language = excluded.custom_language,
      created_at = case when s.expires_at <= excluded.created_at then excluded.created_at else least(s.created_at, excluded.created_at) end,
      expires_at = excluded.expires_at, ended_at = null, end_reason = null
    where s.expires_at <= excluded.created_at
      or (s.agent_id = excluded.agent_id and s.user_id = excluded.user_id and s.ended_at is null)
    returning token_hash
  )
  select array_agg(token_hash) from upserted into written_hashes;
  if cardinality(written_hashes) = batch_size then
    return null;
  end if;

  -- Only successes are remembered.
  foreach lost in array fresh loop
    if token_hashes[lost] <> all (coalesce(written_hashes, '{}')) then
      delete from signed_requests r
      where r."timestamp" = timestamps[lost] and r.agent_id = agent_ids[lost] and r.signature = signatures[lost];
    end if;
  end loop;

  return (
    select json_agg(json_build_array(i.position - 1, m.status, coalesce(r.request, 'unused'), coalesce(s.session, 'free'),
      coalesce(s.created_at > r.accepted_at, false)))
    from unnest(agent_ids, user_ids, token_hashes, timestamps, signatures, unsigned_digests, nows) with ordinality
      as i(agent_id, user_id, token_hash, "timestamp", signature, unsigned_digest, now, position)
    left join lateral (
      select status from members where members.agent_id = i.agent_id and members.user_id = i.user_id offset 0
    ) m on true
    left join lateral (
      select
        accepted_at,
        case when endpoint = 'login' and signed_requests.unsigned_digest = i.unsigned_digest then 'same' else 'other' end as request
      from signed_requests
      where signed_requests."timestamp" = i."timestamp" and signed_requests.agent_id = i.agent_id
        and signed_requests.signature = i.signature
      offset 0
    ) r on true
    left join lateral (
      select
        created_at,
        case
          when expires_at <= i.now then 'free'
          when member_sessions.agent_id = i.agent_id and member_sessions.user_id = i.user_id and ended_at is null then 'own'
          else 'taken'
        end as session
      from member_sessions where member_sessions.token_hash = i.token_hash
      offset 0
    ) s on true
    where i.token_hash <> all (coalesce(written_hashes, '{}'))
  );
end $$`
