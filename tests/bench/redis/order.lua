-- stock.available: request, product, quantity, available -> order.requested | stock.unavailable
for i = 1, #ARGV, 4 do
    local request, product, quantity = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local outcome = redis.call('HGET', 'outcome', request)
    local left
    if not outcome then
        left = redis.call('HGET', 'stock', product) or '0'
        if tonumber(left) >= tonumber(quantity) then
            redis.call('HINCRBY', 'stock', product, -tonumber(quantity))
            outcome = redis.call('XADD', 'journal:' .. product, '*', 'type', 'stock.sold',
                'request', request, 'quantity', quantity)
            redis.call('HSET', 'outcome', request, outcome)
        end
    end
    if outcome and outcome ~= 'refused' then
        redis.call('XADD', 'order.requested', '*', 'request', request, 'product', product,
            'quantity', quantity, 'sale', outcome)
    else
        redis.call('XADD', 'stock.unavailable', '*', 'request', request, 'product', product,
            'quantity', quantity, 'reason',
            left and 'only ' .. left .. ' left, ' .. quantity .. ' asked' or 'refused before')
    end
end
