-- stockcheck.requested: request, product, quantity -> stock.available | stock.unavailable
for i = 1, #ARGV, 3 do
    local request, product, quantity = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local left = redis.call('HGET', 'stock', product) or '0'
    if tonumber(left) >= tonumber(quantity) then
        redis.call('XADD', 'stock.available', '*', 'request', request, 'product', product,
            'quantity', quantity, 'available', left)
    else
        redis.call('XADD', 'stock.unavailable', '*', 'request', request, 'product', product,
            'quantity', quantity, 'reason', 'only ' .. left .. ' left, ' .. quantity .. ' asked')
    end
end
