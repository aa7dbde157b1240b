global using CryptoAI.Tests.EndToEnd.Rig;
global using CryptoAI.Tests.Postgres;
global using CryptoAI.Tests.Shared;
global using Xunit.Abstractions;
global using Orleans;
