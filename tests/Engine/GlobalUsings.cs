global using CryptoAI.Tests.Shared;
global using Microsoft.Extensions.DependencyInjection;
global using Orleans;
