using CryptoAI.Bench.Alerts;

return args.FirstOrDefault() switch
{
    "alerts" => AlertBench.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- alerts");
    return 2;
}
