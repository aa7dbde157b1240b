using CryptoAI.Api;

var builder = ApiHost.CreateBuilder(args);
builder.AddApi();
await using var app = builder.Build().UseApi();
await app.RunAsync();
