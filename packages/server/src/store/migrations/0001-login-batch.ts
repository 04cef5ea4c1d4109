/**
 * The hot path on PostgreSQL: one call, one snapshot, one commit for a batch of member logins.
 *
 * Answers null when all were accepted, else the facts (judge-login.ts) of those that were not, as JSON
 * `[[position, member_status, request, session, session_is_later], …]`.
 *
 * - Member rows are locked in sorted order (FOR SHARE). A change of status under way is waited for and seen; a later one waits for
 *   this login and then ends its session. So no login is acknowledged after a lock was.
 * - What another node writes between this snapshot and these inserts shows as an insert that does nothing. Then the whole
 *   batch is undone (serialization_failure) and tried again, with a snapshot that sees the other's rows.
 * - Sessions are written in the order of their key, so that two batches never wait for each other in a circle.
 * - Every lookup is a lateral one by primary key, and sequential scans are off: the plan is made once for each connection and must stay
 *   right when a table grows from nothing to millions of rows between two ANALYZEs.
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
  fresh_count int8;
  session_count int8;
  request_count int8;
  others json;
begin
  with facts as materialized (
    select
      i.*,
      m.status as member_status,
      coalesce(r.request, 'unused') as request,
      coalesce(s.session, 'free') as session,
      coalesce(s.created_at > r.accepted_at, false) as session_is_later
    from (
      select * from unnest(
        agent_ids, user_ids, token_hashes, signatures, timestamps, unsigned_digests, request_expiries, platforms, languages,
        currencies, game_codes, callbacks, limit_texts, custom_languages, nows, session_expiries
      ) with ordinality as t(
        agent_id, user_id, token_hash, signature, "timestamp", unsigned_digest, request_expiry, platform, language,
        currency, game_code, callback, limits, custom_language, now, session_expiry, position
      )
      order by t.agent_id collate "C", t.user_id collate "C"
    ) i
    left join lateral (
      select status from members where members.agent_id = i.agent_id and members.user_id = i.user_id for share
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
  ),
  fresh as materialized (
    select * from facts where member_status <> 'LockAll' and request = 'unused' and session <> 'taken' order by token_hash
  ),
  sessions as (
    insert into member_sessions as s (
      token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language, created_at, expires_at
    )
    select token_hash, agent_id, user_id, platform, language, currency, game_code, callback, limits, custom_language, now, session_expiry
    from fresh
    on conflict (token_hash) do update set
      agent_id = excluded.agent_id, user_id = excluded.user_id, platform = excluded.platform, language = excluded.language,
      currency = excluded.currency, game_code = excluded.game_code, callback = excluded.callback, limits = excluded.limits,
      custom_language = excluded.custom_language,
      created_at = case when s.expires_at <= excluded.created_at then excluded.created_at else least(s.created_at, excluded.created_at) end,
      expires_at = excluded.expires_at, ended_at = null, end_reason = null
    where s.expires_at <= excluded.created_at
      or (s.agent_id = excluded.agent_id and s.user_id = excluded.user_id and s.ended_at is null)
    returning 1
  ),
  requests as (
    insert into signed_requests ("timestamp", agent_id, signature, endpoint, unsigned_digest, accepted_at, expires_at)
    select "timestamp", agent_id, signature, 'login', unsigned_digest, now, request_expiry from fresh
    on conflict do nothing
    returning 1
  )
  select
    (select count(*) from fresh), (select count(*) from sessions), (select count(*) from requests),
    (
      select json_agg(json_build_array(position - 1, member_status, request, session, session_is_later))
      from facts where member_status is null or member_status = 'LockAll' or request <> 'unused' or session = 'taken'
    )
  into fresh_count, session_count, request_count, others;
  if session_count <> fresh_count or request_count <> fresh_count then
    raise exception 'another login holds the same token or signature' using errcode = 'serialization_failure';
  end if;
  return others;
end $$`
