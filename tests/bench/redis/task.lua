-- purchase.requested: request, product, quantity -> stockcheck.requested
for i = 1, #ARGV, 3 do
    redis.call('XADD', 'stockcheck.requested', '*', 'request', ARGV[i],
        'product', ARGV[i + 1], 'quantity', ARGV[i + 2])
end
