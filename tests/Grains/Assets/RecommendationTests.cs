using System.Text.Json.Nodes;
using CryptoAI.Grains.Interfaces.Assets;
using CryptoAI.Grains.Interfaces.Operations;
using CryptoAI.Storage.Assets;

namespace CryptoAI.Tests.Grains.Assets;

public sealed class RecommendationTests : IAsyncLifetime
{
    private RecommendationRig _rig = null!;

    public async Task InitializeAsync() => _rig = await RecommendationRig.CreateAsync();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Facts_make_recommendations_of_every_type_for_every_target_and_none_twice()
    {
        var ranking = await _rig.RankAsync(mayRecommend: true, "BTC", "ETH", "SOL", "ADA", "XRP", "DOT", "LTC", "ETC", "EOS", "TRX");
        var bad = new SeriesFigures(await _rig.AssetAsync("MKR"), "MKR", "excluded", "It ends on 2025-05-01; MKR goes on as SKY, 24000 for 1.", 1500, 2e7, 0.03);
        var thin = new SeriesFigures(await _rig.AssetAsync("LCX"), "LCX", "clean", "nothing found", 0.1, 20_000, 0.05);
        await _rig.Rankings.SaveAsync(ranking with { Series = [.. ranking.Series, bad, thin], Verdict = "no_edge" }, "1", "{}", CancellationToken.None);
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("LCX", null, null), ("TRX", 0.1m, null), ("SOL", 0.5m, 20), ("ADA", 0.41m, null), ("MKR", null, null));
        var position = await _rig.PositionAsync(_rig.Ada.UserId, "SOL", 8, target: 20);
        await _rig.PositionAsync(_rig.Ada.UserId, "MKR", 0.1m, stop: 50);
        var model = await _rig.ScalarAsync<long>("select id from ai_models");
        (string Kind, long Id)[] targets =
            [("watchlist", list), ("portfolio", position), ("portfolio", position + 1), ("user", _rig.Ada.UserId), ("asset", bad.Id), ("asset", thin.Id), ("asset", ranking.Series[0].Id), ("strategy", model)];
        foreach (var (kind, id) in targets)
        {
            (await _rig.Grain(kind, id).RefreshAsync()).Made.ShouldBeGreaterThan(0, $"{kind}/{id}");
            (await _rig.Grain(kind, id).RefreshAsync()).ShouldSatisfyAllConditions(again => again.Made.ShouldBe(0), again => again.Ended.ShouldBe(0));
        }

        var all = await _rig.Store.ListAllAsync(null, null, 100, CancellationToken.None);
        all.Select(one => one.Type).Distinct().ShouldBe(Enum.GetValues<RecommendationType>(), ignoreOrder: true);
        all.Select(one => one.Target.Kind).Distinct().ShouldBe(Enum.GetValues<RecommendationTargetKind>(), ignoreOrder: true);
        all.ShouldAllBe(one => one.Title.Length > 0 && one.Summary!.Length > 0 && JsonNode.Parse(one.Payload)!["reasoning"] != null && one.ExpiresAt > one.CreatedAt);
        all.Where(one => one.Target.Kind == RecommendationTargetKind.Watchlist).Select(one => (one.Type, one.Symbol)).ShouldBe(
            [
                (RecommendationType.Exit, "MKR"), (RecommendationType.Rebalance, "SOL"), (RecommendationType.Allocation, "ADA"),
                (RecommendationType.Entry, "BTC"), (RecommendationType.Exit, "TRX"),
            ],
            ignoreOrder: true);

        // Of Ada's targets, three notices a day and no more; each holds the ids of its look.
        (await _rig.ScalarAsync<long>($"select count(*) from notifications where user_id = {_rig.Ada.UserId} and template = 'recommendation.made'")).ShouldBe(3);
        (await _rig.ScalarAsync<long>("select count(*) from notifications where user_id <> " + _rig.Ada.UserId)).ShouldBe(0);
        (await _rig.ScalarAsync<string>($"select data ->> 'count' from notifications order by id limit 1")).ShouldBe("5");
    }

    [Fact]
    public async Task Without_an_edge_the_ranking_recommends_nothing_and_says_why()
    {
        await _rig.RankAsync(mayRecommend: false, "BTC", "ETH", "SOL", "ADA", "TRX");
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("TRX", null, null));
        var refresh = await _rig.Grain("watchlist", list).RefreshAsync();
        refresh.ShouldBe(new RecommendationRefresh(0, 0, 0, "no edge: mean IC 0.010 [-0.020, 0.040] over 30 months"));
        _rig.Clock.Advance(TimeSpan.FromDays(5));
        (await _rig.Grain("watchlist", list).RefreshAsync()).Reason.ShouldBe("the newest ranking is of 2025-06-01, too old to act on");
    }

    [Fact]
    public async Task What_came_of_a_recommendation_is_measured_at_its_horizon_beside_the_list_and_beside_doing_nothing()
    {
        var ranking = await _rig.RankAsync(mayRecommend: true, "BTC", "ETH", "SOL", "ADA", "TRX");
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("ETH", 0.75m, null), ("TRX", 0.25m, null));
        (await _rig.Grain("watchlist", list).RefreshAsync()).Made.ShouldBe(3, "ETH is too much of the list, BTC is missing, TRX is the worst");
        var entry = await OneAsync("ranking-top");
        var reasoning = JsonNode.Parse(entry.Payload)!["reasoning"]!;
        ((int)reasoning["rank"]!, (double)reasoning["score"]!).ShouldBe((1, ranking.Assets[0].Score));
        ((double)reasoning["contributions"]![0]!["contribution"]!).ShouldBe(ranking.Assets[0].Features[0].Contribution);
        ((double)reasoning["skill"]!["ic_lower"]!).ShouldBe(0.02);

        // Over seven days BTC gains 10 %, ETH 4 %, TRX loses 8 %: the list gains 0.75 · 4 % − 0.25 · 8 % = 1 %.
        await _rig.CandlesAsync("BTC", ranking.Day, 100, 1, 1, 1, 1, 1, 1, 110, 999);
        await _rig.CandlesAsync("ETH", ranking.Day, 100, 1, 1, 1, 1, 1, 1, 104, 999);
        await _rig.CandlesAsync("TRX", ranking.Day, 100, 1, 1, 1, 1, 1, 1, 92, 999);
        _rig.Clock.Advance(TimeSpan.FromDays(6));
        (await _rig.Grain("watchlist", list).RefreshAsync()).Measured.ShouldBe(0);
        // A day late: the closes of the horizon count all the same.
        _rig.Clock.Advance(TimeSpan.FromDays(2));
        (await _rig.Grain("watchlist", list).RefreshAsync()).Measured.ShouldBe(2);
        (await _rig.Grain("watchlist", list).RefreshAsync()).Measured.ShouldBe(0);

        var won = JsonNode.Parse((await _rig.Store.FindAsync(entry.Id, CancellationToken.None))!.Outcome)!;
        ((double)won["actual_return"]!).ShouldBe(0.1, 1e-9);
        ((double)won["watchlist_return"]!).ShouldBe(0.01, 1e-9);
        ((double)won["against_watchlist"]!).ShouldBe(0.09, 1e-9);
        ((double)won["against_nothing"]!).ShouldBe(0.09 / 3, 1e-9);
        ((int)won["success_score"]!).ShouldBe(1);
        var left = JsonNode.Parse((await OneAsync("ranking-bottom")).Outcome)!;
        ((double)left["against_watchlist"]!).ShouldBe(0.09, 1e-9);
        ((double)left["against_nothing"]!).ShouldBe(0.25 * 0.09, 1e-9);
        (await _rig.ScalarAsync<decimal>($"select actual_return from ai_suggestions where id = {entry.Id}")).ShouldBe(0.1m, 1e-9m);
    }

    [Fact]
    public async Task Approving_applies_to_the_list_at_once_and_undoing_puts_back_exactly_what_was()
    {
        await _rig.RankAsync(mayRecommend: true, "BTC", "ETH", "SOL", "ADA", "TRX");
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("SOL", 0.6m, 20), ("TRX", 0.2m, null), ("ADA", null, null));
        await _rig.Grain("watchlist", list).RefreshAsync();
        var before = (await _rig.Lists.GetAsync(_rig.Ada.UserId, list, CancellationToken.None))!;
        foreach (var rule in (string[])["drift-long", "ranking-top", "ranking-bottom"])
        {
            var known = await OneAsync(rule);
            var approved = await _rig.Grain(known).ReviewAsync(_rig.Admin, known.Id, approve: true, "yes");
            (approved.Status, approved.ReviewedBy, approved.ImplementedAt).ShouldBe((RecommendationStatus.Implemented, _rig.Admin.UserId, _rig.Clock.GetUtcNow()));
        }

        (await AssetsAsync(list)).ShouldBe([("SOL", 0, 0.2m), ("ADA", 1, null), ("BTC", 2, null)]);
        (await _rig.ScalarAsync<string>("select string_agg(suggestion_type || ' ' || status, ', ' order by id) from ai_suggestions"))
            .ShouldBe("rebalance implemented, add implemented, remove implemented");

        // Only the newest fits the list as it stands; then the one before, and so on.
        var first = await OneAsync("drift-long");
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain(first).UndoAsync(_rig.Ada, first.Id))).Refusal.ShouldBe(Refusal.Conflict);
        foreach (var rule in (string[])["ranking-bottom", "ranking-top", "drift-long"])
        {
            var known = await OneAsync(rule);
            (await _rig.Grain(known).UndoAsync(_rig.Ada, known.Id)).Status.ShouldBe(RecommendationStatus.Ignored);
            (await Should.ThrowAsync<RefusedException>(() => _rig.Grain(known).UndoAsync(_rig.Ada, known.Id))).Refusal.ShouldBe(Refusal.Conflict);
        }

        var after = (await _rig.Lists.GetAsync(_rig.Ada.UserId, list, CancellationToken.None))!;
        after.Assets.Select(asset => (asset.Symbol, asset.Side, asset.Position, asset.Entry)).ShouldBe(before.Assets.Select(asset => (asset.Symbol, asset.Side, asset.Position, asset.Entry)));
        after.Version.ShouldBe(before.Version + 6);
    }

    [Fact]
    public async Task A_refused_change_leaves_the_list_and_the_recommendation_as_they_were()
    {
        await _rig.RankAsync(mayRecommend: true, "BTC", "ETH", "SOL", "ADA", "TRX");
        var list = await _rig.ListAsync(null, ("TRX", null, null), ("ADA", null, null));
        await _rig.Grain("watchlist", list).RefreshAsync();
        var exit = await OneAsync("ranking-bottom");
        await _rig.ExecuteAsync($"update watchlist_assets set is_active = false where watchlist_id = {list} and position = 0");
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain(exit).ReviewAsync(_rig.Admin, exit.Id, true, null))).Refusal.ShouldBe(Refusal.NotFound);
        (await OneAsync("ranking-bottom")).Status.ShouldBe(RecommendationStatus.Pending);
        (await _rig.ScalarAsync<long>($"select version from watchlists where id = {list}")).ShouldBe(exit is null ? -1 : await _rig.ScalarAsync<long>("select min(version) from watchlists"));
    }

    [Fact]
    public async Task Ones_own_are_nobody_elses_and_everyones_are_the_administrators()
    {
        await _rig.RankAsync(mayRecommend: true, "BTC", "ETH", "SOL", "ADA", "TRX");
        var own = await _rig.ListAsync(_rig.Ada.UserId, ("TRX", null, null));
        var common = await _rig.ListAsync(null, ("TRX", null, null));
        await _rig.Grain("watchlist", own).RefreshAsync();
        await _rig.Grain("watchlist", common).RefreshAsync();
        var mine = (await _rig.Store.ListAsync(_rig.Ada.UserId, own: true, null, null, null, 10, CancellationToken.None))[0];
        var ours = (await _rig.Store.ListAsync(_rig.Ada.UserId, own: false, null, null, null, 10, CancellationToken.None))[0];
        (mine.OwnerId, ours.OwnerId).ShouldBe((_rig.Ada.UserId, null));
        (await _rig.Store.GetAsync(_rig.Eve.UserId, mine.Id, CancellationToken.None)).ShouldBeNull();
        (await _rig.Store.GetAsync(_rig.Eve.UserId, ours.Id, CancellationToken.None)).ShouldNotBeNull();

        foreach (var call in (Func<Recommendation, Task>[])
            [
                one => _rig.Grain(one).ReviewAsync(_rig.Eve, one.Id, true, null), one => _rig.Grain(one).DecideAsync(_rig.Eve, one.Id, RecommendationStatus.Ignored),
                one => _rig.Grain(one).RateAsync(_rig.Eve, one.Id, 5, null), one => _rig.Grain(one).UndoAsync(_rig.Eve, one.Id),
            ])
        {
            (await Should.ThrowAsync<RefusedException>(() => call(mine))).Refusal.ShouldBe(Refusal.NotFound);
            (await Should.ThrowAsync<RefusedException>(() => call(ours))).Refusal.ShouldBe(Refusal.Forbidden);
        }

        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain("watchlist", own).LookAsync(_rig.Eve))).Refusal.ShouldBe(Refusal.NotFound);
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain("watchlist", common).LookAsync(_rig.Eve))).Refusal.ShouldBe(Refusal.NotFound);
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain("watchlist", own).ReviewAsync(_rig.Admin, ours.Id, true, null))).Refusal.ShouldBe(Refusal.NotFound);

        var rated = await _rig.Grain(mine).RateAsync(_rig.Ada, mine.Id, 4, "late");
        (rated.Rating, rated.Feedback, rated.Status).ShouldBe((4, "late", RecommendationStatus.Pending));
        (await _rig.Grain(mine).ReviewAsync(_rig.Ada, mine.Id, approve: false, "no")).Status.ShouldBe(RecommendationStatus.Rejected);
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain(mine).ReviewAsync(_rig.Ada, mine.Id, true, null))).Refusal.ShouldBe(Refusal.Conflict);
        (await _rig.ScalarAsync<long>("select count(*) from user_activities where entity_type = 'suggestion'")).ShouldBe(2);
    }

    [Fact]
    public async Task A_suggestion_written_through_the_view_is_reviewed_and_applied_as_any()
    {
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("TRX", 0.5m, null), ("ADA", null, null));
        var id = await _rig.ScalarAsync<long>(
            $"""
            insert into ai_suggestions (watchlist_id, crypto_id, suggestion_type, target_weight, target_position, reasoning)
            values ({list}, {await _rig.AssetAsync("TRX")}, 'rebalance', 0.25, 1, '"too much"') returning id
            """);
        var known = (await _rig.Store.FindAsync(id, CancellationToken.None))!;
        (known.Type, known.Symbol, known.OwnerId).ShouldBe((RecommendationType.Rebalance, "TRX", _rig.Ada.UserId));
        await _rig.Grain(known).DecideAsync(_rig.Ada, id, RecommendationStatus.Followed);
        (await AssetsAsync(list)).ShouldBe([("ADA", 0, null), ("TRX", 1, 0.25m)]);
        await _rig.ExecuteAsync($"update ai_suggestions set success_score = 0.5 where id = {id}");
        JsonNode.Parse((await _rig.Store.FindAsync(id, CancellationToken.None))!.Outcome)!["success_score"]!.GetValue<double>().ShouldBe(0.5);
        (await _rig.Grain(known).UndoAsync(_rig.Admin, id)).Status.ShouldBe(RecommendationStatus.Ignored);
        (await AssetsAsync(list)).ShouldBe([("TRX", 0, 0.5m), ("ADA", 1, null)]);

        // It has no rule whose facts could hold no more, so it ends by time alone.
        (await _rig.Grain("watchlist", list).RefreshAsync()).Ended.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_over_expires_and_cannot_be_approved_any_more()
    {
        var list = await _rig.ListAsync(_rig.Ada.UserId, ("SOL", 0.6m, 20));
        await _rig.Grain("watchlist", list).RefreshAsync();
        var drift = await OneAsync("drift-long");
        _rig.Clock.Advance(TimeSpan.FromDays(7));
        (await Should.ThrowAsync<RefusedException>(() => _rig.Grain(drift).ReviewAsync(_rig.Ada, drift.Id, true, null))).Message.ShouldBe("Its time is over.");
        (await _rig.Grain("watchlist", list).RefreshAsync()).ShouldSatisfyAllConditions(look => look.Ended.ShouldBe(1), look => look.Made.ShouldBe(1));

        // And one whose facts hold no more, before its time.
        await _rig.ExecuteAsync($"update watchlist_assets set weight = 0.2 where watchlist_id = {list}");
        (await _rig.Grain("watchlist", list).RefreshAsync()).Ended.ShouldBe(1);
        (await OneAsync("drift-long")).Outcome.ShouldContain("hold no more");
    }

    [Fact]
    public async Task Erasing_a_person_erases_their_recommendations_and_nobody_elses()
    {
        await _rig.RankAsync(mayRecommend: false, "BTC", "ETH");
        foreach (var person in (long[])[_rig.Ada.UserId, _rig.Eve.UserId])
        {
            var position = await _rig.PositionAsync(person, "BTC", 1);
            var list = await _rig.ListAsync(person, ("BTC", 0.9m, null));
            foreach (var (kind, id) in ((string, long)[])[("portfolio", position), ("user", person), ("watchlist", list)])
            {
                (await _rig.Grain(kind, id).RefreshAsync()).Made.ShouldBe(1, kind);
            }
        }

        await _rig.ExecuteAsync($"delete from users where id = {_rig.Ada.UserId}");
        (await _rig.Store.ListAllAsync(null, null, 100, CancellationToken.None)).Select(one => one.OwnerId).ShouldBe([_rig.Eve.UserId, _rig.Eve.UserId, _rig.Eve.UserId]);
    }

    private async Task<Recommendation> OneAsync(string rule) => (await _rig.Store.FindAsync(
        await _rig.ScalarAsync<long>($"select max(id) from ai_recommendations where recommendation_payload ->> 'rule' = '{rule}'"), CancellationToken.None))!;

    private async Task<(string, int, decimal?)[]> AssetsAsync(long list)
    {
        var found = (await _rig.Lists.GetAsync(_rig.Ada.UserId, list, CancellationToken.None))!;
        return [.. found.Assets.Select(asset => (asset.Symbol, asset.Position, asset.Entry.Weight))];
    }
}
